// The system's libwebp (1.0 or newer).
#pragma once
#include <webp/decode.h>
