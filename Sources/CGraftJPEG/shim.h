// The system's libjpeg-turbo, by its TurboJPEG interface (2.0 or newer).
#pragma once
#include <turbojpeg.h>
