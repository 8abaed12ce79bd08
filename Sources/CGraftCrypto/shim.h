// The system's libcrypto (OpenSSL 1.1 or newer); on Apple systems CryptoKit is used instead.
#pragma once
#if __has_include(<openssl/evp.h>)
#include <openssl/evp.h>
#endif
