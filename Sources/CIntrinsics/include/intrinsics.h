#ifndef AMBAR_INTRINSICS_H
#define AMBAR_INTRINSICS_H

// CPU instructions that Swift has no name for. Each has a plain twin in Swift that the tests compare with.

#include <stdint.h>
#include <string.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// Whether this header was compiled with the CRC32 instruction: 1 or 0.
static inline int ambar_has_crc32c(void) {
#if defined(__SSE4_2__)
    return 1;
#else
    return 0;
#endif
}

/// Folds `count` bytes into a running CRC-32C (Castagnoli, reflected), without the outer inversions.
static inline uint32_t ambar_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
#if defined(__SSE4_2__)
    uint64_t state = crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = __builtin_ia32_crc32di(state, word);
        bytes += 8;
        count -= 8;
    }
    crc = (uint32_t)state;
    while (count > 0) {
        crc = __builtin_ia32_crc32qi(crc, *bytes);
        bytes += 1;
        count -= 1;
    }
#else
    (void)bytes;
    (void)count;
#endif
    return crc;
}

/// Asks the cache for the line at `address`, which need not be readable.
static inline void ambar_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Bit `i` of the result is the lowest bit of byte `i` of the 64 bytes at `bytes`, which are 0 or 1.
static inline uint64_t ambar_low_bits64(const uint8_t *bytes) {
#if defined(__AVX2__)
    typedef short ambar_shorts __attribute__((vector_size(32)));
    typedef char ambar_bytes __attribute__((vector_size(32)));
    ambar_shorts first, second;
    memcpy(&first, bytes, 32);
    memcpy(&second, bytes + 32, 32);
    uint32_t low = (uint32_t)__builtin_ia32_pmovmskb256((ambar_bytes)(first << 7));
    uint32_t high = (uint32_t)__builtin_ia32_pmovmskb256((ambar_bytes)(second << 7));
    return (uint64_t)high << 32 | low;
#else
    uint64_t bits = 0;
    for (int part = 0; part < 8; part += 1) {
        uint64_t word;
        memcpy(&word, bytes + 8 * part, 8);
        bits |= ((word & 0x0101010101010101u) * 0x0102040810204080u >> 56) << (8 * part);
    }
    return bits;
#endif
}

/// Bit `i` of the result says whether byte `i` of the 64 bytes at `bytes` is `wanted`.
static inline uint64_t ambar_equal_bits64(const uint8_t *bytes, uint8_t wanted) {
#if defined(__AVX2__)
    typedef char ambar_bytes32 __attribute__((vector_size(32)));
    ambar_bytes32 first, second, pattern;
    memcpy(&first, bytes, 32);
    memcpy(&second, bytes + 32, 32);
    memset(&pattern, wanted, 32);
    uint32_t low = (uint32_t)__builtin_ia32_pmovmskb256((ambar_bytes32)(first == pattern));
    uint32_t high = (uint32_t)__builtin_ia32_pmovmskb256((ambar_bytes32)(second == pattern));
    return (uint64_t)high << 32 | low;
#else
    uint64_t bits = 0;
    for (int index = 0; index < 64; index += 1) bits |= (uint64_t)(bytes[index] == wanted) << index;
    return bits;
#endif
}

/// Bit `i` of the result is the highest bit of byte `i` of the 64 bytes at `bytes`.
static inline uint64_t ambar_high_bits64(const uint8_t *bytes) {
#if defined(__AVX2__)
    typedef char ambar_bytes __attribute__((vector_size(32)));
    ambar_bytes first, second;
    memcpy(&first, bytes, 32);
    memcpy(&second, bytes + 32, 32);
    uint32_t low = (uint32_t)__builtin_ia32_pmovmskb256(first);
    uint32_t high = (uint32_t)__builtin_ia32_pmovmskb256(second);
    return (uint64_t)high << 32 | low;
#else
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += 1) bits |= (uint64_t)(bytes[i] >> 7) << i;
    return bits;
#endif
}

/// Moves the pages at `old` to `target`, whose pages are given up, without copying: 1, or 0 where the system
/// does not. Both are aligned to pages, `bytes` is whole pages.
static inline int ambar_move_pages(void *old, size_t bytes, void *target) {
#if defined(__linux__)
    // MREMAP_MAYMOVE and MREMAP_FIXED. By number, as the library's function has a variable list of arguments.
    return syscall(SYS_mremap, old, bytes, bytes, 3, target) == (long)target;
#else
    (void)old;
    (void)bytes;
    (void)target;
    return 0;
#endif
}

/// Whether the running CPU has the instructions of x86-64-v3 that the engine is built with: 1 or 0.
static inline int ambar_cpu_is_x86_64_v3(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

#endif
