// The system's libbz2: Debian's package manager needs it itself, and every Apple SDK has one.
#pragma once
#include <bzlib.h>
