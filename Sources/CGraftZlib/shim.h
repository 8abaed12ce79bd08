// The system's zlib: every Linux distribution and every Apple SDK has one.
#pragma once
#include <zlib.h>
