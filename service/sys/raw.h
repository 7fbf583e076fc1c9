/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* System calls without libc, for code that runs in a process which shares its memory with the
 * service: between clone and exec, and in the helpers that never exec. There, errno and everything
 * else that is thread-local belongs to the service, which runs on at the same time; a lock of libc
 * may be held by it. So: no libc at all, results as negative errno, and no instrumentation.
 *
 * Where an architecture has no assembly below, the same functions go through syscall(), and such
 * processes get a copy of the memory instead (RAW_SHARED_MEMORY 0). */

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For each function that runs there. */
#if defined(__clang__)
#define RAW_CODE __attribute__((no_sanitize("address", "undefined", "thread"), no_stack_protector))
#else
#define RAW_CODE                                                                                   \
        __attribute__((no_sanitize("address", "undefined", "thread"), no_stack_protector,          \
                       no_profile_instrument_function))
#endif

#define RAW_INLINE static inline __attribute__((always_inline)) RAW_CODE

/* In the body of a loop: keeps the compiler from making a call of libc of it. */
#define RAW_LOOP() __asm__ volatile("" ::: "memory")

#if defined(__x86_64__)
#define RAW_SHARED_MEMORY 1

RAW_INLINE long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = e;
        register long r9 __asm__("r9") = f;
        long ret;

        __asm__ volatile("syscall"
                         : "=a"(ret)
                         : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return ret;
}

/* The child runs function(argument) on the stack that args names, and never comes back. */
RAW_INLINE long raw_clone3(struct clone_args *args, void (*function)(void *), void *argument) {
        register void (*r8)(void *) __asm__("r8") = function;
        register void *r9 __asm__("r9") = argument;
        long ret;

        __asm__ volatile("syscall\n\t"
                         "testq %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "xorl %%ebp, %%ebp\n\t"
                         "movq %%r9, %%rdi\n\t"
                         "callq *%%r8\n\t"
                         "hlt\n"
                         "1:"
                         : "=a"(ret)
                         : "a"(SYS_clone3), "D"(args), "S"(sizeof *args), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return ret;
}

#elif defined(__aarch64__)
#define RAW_SHARED_MEMORY 1

RAW_INLINE long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
        register long x8 __asm__("x8") = nr;
        register long x0 __asm__("x0") = a;
        register long x1 __asm__("x1") = b;
        register long x2 __asm__("x2") = c;
        register long x3 __asm__("x3") = d;
        register long x4 __asm__("x4") = e;
        register long x5 __asm__("x5") = f;

        __asm__ volatile("svc 0"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                         : "memory");
        return x0;
}

RAW_INLINE long raw_clone3(struct clone_args *args, void (*function)(void *), void *argument) {
        register long x8 __asm__("x8") = SYS_clone3;
        register long x0 __asm__("x0") = (long)args;
        register long x1 __asm__("x1") = sizeof *args;
        register void (*x9)(void *) __asm__("x9") = function;
        register void *x10 __asm__("x10") = argument;

        __asm__ volatile("svc 0\n\t"
                         "cbnz x0, 1f\n\t"
                         "mov x29, xzr\n\t"
                         "mov x0, x10\n\t"
                         "blr x9\n\t"
                         "brk 1\n"
                         "1:"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x9), "r"(x10)
                         : "x30", "memory");
        return x0;
}

#elif defined(__riscv) && __riscv_xlen == 64
#define RAW_SHARED_MEMORY 1

RAW_INLINE long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
        register long a7 __asm__("a7") = nr;
        register long a0 __asm__("a0") = a;
        register long a1 __asm__("a1") = b;
        register long a2 __asm__("a2") = c;
        register long a3 __asm__("a3") = d;
        register long a4 __asm__("a4") = e;
        register long a5 __asm__("a5") = f;

        __asm__ volatile("ecall"
                         : "+r"(a0)
                         : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
                         : "memory");
        return a0;
}

RAW_INLINE long raw_clone3(struct clone_args *args, void (*function)(void *), void *argument) {
        register long a7 __asm__("a7") = SYS_clone3;
        register long a0 __asm__("a0") = (long)args;
        register long a1 __asm__("a1") = sizeof *args;
        register void (*a2)(void *) __asm__("a2") = function;
        register void *a3 __asm__("a3") = argument;

        __asm__ volatile("ecall\n\t"
                         "bnez a0, 1f\n\t"
                         "li s0, 0\n\t"
                         "mv a0, a3\n\t"
                         "jalr a2\n\t"
                         "ebreak\n"
                         "1:"
                         : "+r"(a0)
                         : "r"(a7), "r"(a1), "r"(a2), "r"(a3)
                         : "ra", "memory");
        return a0;
}

#else
#define RAW_SHARED_MEMORY 0

static inline long raw_syscall(long nr, long a, long b, long c, long d, long e, long f) {
        long ret = syscall(nr, a, b, c, d, e, f);

        return ret < 0 ? -errno : ret;
}

static inline long raw_clone3(struct clone_args *args, void (*function)(void *), void *argument) {
        return -ENOSYS;
}
#endif

#define raw0(nr)             raw_syscall((nr), 0, 0, 0, 0, 0, 0)
#define raw1(nr, a)          raw_syscall((nr), (long)(a), 0, 0, 0, 0, 0)
#define raw2(nr, a, b)       raw_syscall((nr), (long)(a), (long)(b), 0, 0, 0, 0)
#define raw3(nr, a, b, c)    raw_syscall((nr), (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define raw4(nr, a, b, c, d) raw_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define raw5(nr, a, b, c, d, e)                                                                    \
        raw_syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

RAW_INLINE void raw_exit(int status) {
        for (;;)
                raw1(SYS_exit_group, status);
}

RAW_INLINE void raw_futex_wake(uint32_t *word) {
        raw3(SYS_futex, word, FUTEX_WAKE, 1);
}

/* Waits while *word is value, nsec at the most. */
RAW_INLINE void raw_futex_wait(uint32_t *word, uint32_t value, long nsec) {
        long timeout[2] = {nsec / 1000000000, nsec % 1000000000};

        raw4(SYS_futex, word, FUTEX_WAIT, value, timeout);
}
