/*
 * Uses the static libraries of the archive as hostile peers would like them to be used. Each function returns 0 if the
 * library withstands it. The archive has no headers of them.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct bio_st BIO;
typedef struct x509_st X509;
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_method_st SSL_METHOD;

EVP_CIPHER *EVP_CIPHER_fetch(void *library, const char *name, const char *properties);
EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
int EVP_CipherInit_ex(EVP_CIPHER_CTX *, const EVP_CIPHER *, void *engine, const unsigned char *key,
                      const unsigned char *iv, int encrypts);
int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX *, int type, int argument, void *pointer);
int EVP_Cipher(EVP_CIPHER_CTX *, unsigned char *out, const unsigned char *in, unsigned int length);
EVP_PKEY *EVP_PKEY_Q_keygen(void *library, const char *properties, const char *type, ...);
int BIO_new_bio_pair(BIO **, size_t, BIO **, size_t);
const SSL_METHOD *TLS_server_method(void);
const SSL_METHOD *TLS_client_method(void);
SSL_CTX *SSL_CTX_new(const SSL_METHOD *);
int SSL_CTX_use_PrivateKey(SSL_CTX *, EVP_PKEY *);
int SSL_CTX_set1_server_cert_type(SSL_CTX *, const unsigned char *types, size_t length);
typedef int add_extension(SSL *, unsigned int type, unsigned int context, const unsigned char **out,
                          size_t *length, X509 *, size_t index, int *alert, void *argument);
int SSL_CTX_add_custom_ext(SSL_CTX *, unsigned int type, unsigned int context, add_extension *,
                           void *release, void *add_argument, void *parse, void *parse_argument);
SSL *SSL_new(SSL_CTX *);
void SSL_set_bio(SSL *, BIO *in, BIO *out);
void SSL_set_accept_state(SSL *);
void SSL_set_connect_state(SSL *);
int SSL_do_handshake(SSL *);

typedef struct gzFile_s *gzFile;
gzFile gzdopen(int descriptor, const char *mode);
int gzbuffer(gzFile, unsigned size);
int gzwrite(gzFile, const void *, unsigned length);
int gzprintf(gzFile, const char *format, ...);

enum { control_set_tag = 0x11, raw_public_key = 2, client_hello = 0x80, signature_algorithms_cert = 50 };

/* CVE-2026-75803: a message of no bytes under a tag that nobody made with the key. */
static int forge_an_empty_message(const char *cipher)
{
    static const unsigned char key[32], iv[12];
    unsigned char tag[16], rest[32];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    memset(tag, 0x5a, sizeof(tag));
    if (!EVP_CipherInit_ex(context, EVP_CIPHER_fetch(NULL, cipher, NULL), NULL, key, iv, 0)
        || !EVP_CIPHER_CTX_ctrl(context, control_set_tag, sizeof(tag), tag))
        return 2;
    return EVP_Cipher(context, rest, NULL, 0) >= 0;
}

static int add_rsa_sha256_and_ed448(SSL *tls, unsigned int type, unsigned int context, const unsigned char **out,
                                    size_t *length, X509 *certificate, size_t index, int *alert, void *argument)
{
    static const unsigned char algorithms[] = {0, 4, 4, 1, 8, 8};
    *out = algorithms;
    *length = sizeof(algorithms);
    return 1;
}

/* CVE-2026-14457: a server without a certificate is told which algorithms may have signed it. */
static int restrict_the_issuer_of_a_raw_public_key(void)
{
    static const unsigned char types[] = {raw_public_key};
    SSL_CTX *contexts[2] = {SSL_CTX_new(TLS_server_method()), SSL_CTX_new(TLS_client_method())};
    BIO *ends[2];
    SSL *server, *client;
    int round, served = 0, connected = 0;
    if (!SSL_CTX_use_PrivateKey(contexts[0], EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"))
        || !SSL_CTX_set1_server_cert_type(contexts[0], types, sizeof(types))
        || !SSL_CTX_set1_server_cert_type(contexts[1], types, sizeof(types))
        || !SSL_CTX_add_custom_ext(contexts[1], signature_algorithms_cert, client_hello,
                                   add_rsa_sha256_and_ed448, NULL, NULL, NULL, NULL)
        || !BIO_new_bio_pair(&ends[0], 0, &ends[1], 0))
        return 2;
    server = SSL_new(contexts[0]);
    client = SSL_new(contexts[1]);
    SSL_set_bio(server, ends[0], ends[0]);
    SSL_set_bio(client, ends[1], ends[1]);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    for (round = 0; round < 10 && !(served && connected); round++) {
        connected = SSL_do_handshake(client) == 1;
        served = SSL_do_handshake(server) == 1;
    }
    return !(served && connected);
}

/* CVE-2026-85091: a pipe is full, and what gzwrite() could not write into it is freed. */
static int print_after_a_stalled_write(void)
{
    enum { length = 1 << 21 };
    int ends[2], written;
    size_t index;
    gzFile file;
    unsigned char *noise = malloc(length);
    if (noise == NULL || pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) return 2;
    for (index = 0; index < length; index++) noise[index] = (unsigned char)rand();
    file = gzdopen(ends[1], "wN");
    if (file == NULL || gzbuffer(file, 512) != 0) return 2;
    written = gzwrite(file, noise, length);
    memset(noise, 0, length);
    free(noise);
    if (written <= 0 || written >= length) return 2;
    return gzprintf(file, "%s", "text") != 4;
}

int main(int count, char **arguments)
{
    if (count < 2) return 2;
    if (strcmp(arguments[1], "stalled-write") == 0) return print_after_a_stalled_write();
    if (strcmp(arguments[1], "raw-public-key") == 0) return restrict_the_issuer_of_a_raw_public_key();
    return forge_an_empty_message(arguments[1]);
}
