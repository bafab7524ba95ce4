#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <math.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int constructed, ran;
__attribute__((constructor)) static void construct(void) { constructed = 1; }
static void *work(void *argument) { ran = *(int *)argument; return NULL; }

int main(int count, char **arguments) {
    pthread_t thread;
    struct stat status;
    struct timespec now;
    int value = 1;
    char copy[4096];
    void *library = dlopen("libm.so.6", RTLD_NOW);
    if (pthread_create(&thread, NULL, work, &value) || pthread_join(thread, NULL)) return 1;
    if (stat("/", &status) || clock_gettime(CLOCK_MONOTONIC, &now)) return 2;
    if (fcntl(0, F_GETFD) == -1 && errno != EBADF) return 3;
    if (exp(count - 1) != 1.0 || pow(count + 1, 2) != 4.0 || log(count) != 0.0) return 4;
    if (library == NULL || dlsym(library, "exp") == NULL) return 5;
    setenv("PLANTED", "yes", 1);
    if (environ != __environ || getenv("PLANTED") == NULL) return 6;
    memcpy(copy, arguments[0], strlen(arguments[0]) + 1);
    char *const paths[] = {(char *)"/tmp", NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL, NULL);
    if (tree == NULL || fts_read(tree) == NULL || fts_close(tree)) return 7;
    if (gai_strerror(EAI_NONAME) == NULL || res_init() < -1) return 8;
    printf("%d %d %s\n", constructed, ran, copy);
    return 0;
}
