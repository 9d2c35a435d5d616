/* The clock of a function under judgement, loaded with LD_PRELOAD.
 *
 * While the file that JUDGE_CLOCK names holds a number, the time of day is that second; else it is the machine's. Monotonic
 * clocks, and with them timeouts, are never touched. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *path = clock == CLOCK_REALTIME ? getenv("JUDGE_CLOCK") : NULL;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        char text[32];
        ssize_t length = read(file, text, sizeof text - 1);
        close(file);
        if (length > 0) {
            text[length] = 0;
            now->tv_sec = strtoll(text, NULL, 10);
            now->tv_nsec = 0;
        }
    }
    return result;
}
