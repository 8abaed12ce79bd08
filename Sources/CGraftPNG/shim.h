// The system's libpng (1.6 or newer).
#pragma once
#include <png.h>
