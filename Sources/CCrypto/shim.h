// libcrypto of OpenSSL 3: message digests, and nothing that it calls deprecated.
#ifndef PWMGR_CCRYPTO_SHIM_H
#define PWMGR_CCRYPTO_SHIM_H
#define OPENSSL_NO_DEPRECATED
#include <openssl/opensslv.h>
#if OPENSSL_VERSION_MAJOR < 3
#error "pwmgr needs libcrypto of OpenSSL 3 or newer"
#endif
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

// A macro that the importer does not take: without it libcrypto takes itself down in exit(3), under threads that still use it.
static const uint64_t PW_CRYPTO_NO_ATEXIT = OPENSSL_INIT_NO_ATEXIT;

#endif
