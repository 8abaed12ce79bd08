// The system's libjpeg-turbo, by the interface of libjpeg (1.5 or newer, for jpeg_crop_scanline).
#pragma once
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
