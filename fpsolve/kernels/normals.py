"""Counter-based standard normals: number m of a fill depends on (key, slot, m) and on nothing else.

Every replica owns a key of two 64-bit words. A fill has a number of its own, the slot; within it the pair p of normals
is made from the block (p, slot) of the Threefry-2x64 cipher under the replica's key. There is no state to carry, so any
part of a stream can be made again, alone or together with other replicas, with the same bits.

The inner loop runs over replicas and contains no branch and no library call, so that the compiler turns it into vector
instructions; logarithm, sine and cosine are polynomials for that reason.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel

__all__ = ["fill_normals", "minus_two_log", "normal_pair", "quarter_circle", "threefry"]

Array = NDArray[np.float64]
Words = NDArray[np.uint64]
U64 = np.uint64

# Rotations and parity constant of Threefry-2x64: Salmon et al., SC11 (2011), table 4; Skein 1.3 for the parity.
R0, R1, R2, R3 = U64(16), U64(42), U64(12), U64(31)
R4, R5, R6, R7 = U64(16), U64(32), U64(24), U64(21)
PARITY = U64(0x1BD11BDAA9FC1A22)
ONE, TWO, THREE, WIDTH = U64(1), U64(2), U64(3), U64(64)

# Doubles: 52 mantissa bits, exponent bias 1023; sqrt(1/2) in bits, lower half cleared, as in fdlibm.
MANTISSA_BITS, MANTISSA = U64(52), U64(0x000FFFFFFFFFFFFF)
ROOT_HALF, ONE_MINUS_ROOT_HALF = U64(0x3FE6A09E00000000), U64(0x3FF0000000000000 - 0x3FE6A09E00000000)
BIAS = 1023
SPARE_BITS, SIGN = U64(11), U64(63)
ULP = 2.0**-53

MINUS_TWO_LN2 = -2.0 * math.log(2.0)
# (2 artanh(s)/s − 2)/s² in s², |s| ≤ 3 − 2√2: relative error of the logarithm 7e-16 (Chebyshev nodes, 40 digits).
L0, L1, L2 = 0.66666666666662080436, 0.40000000011212199523, 0.28571424136516348361
L3, L4, L5 = 0.22222862476849540619, 0.18140185202493246359, 0.16621947090177399488
# (sin(πt/2)/t − π/2)/t² and (cos(πt/2) − 1)/t² in t², |t| ≤ 1/2: relative errors 2e-17 and 3e-16.
S0, S1, S2 = -0.64596409750624617447, 0.079692626246144238546, -0.0046817541342542077094
S3, S4, S5 = 0.00016044116661409423795, -3.5987029509735104657e-6, 5.6422253691635282962e-8
C0, C1, C2 = -1.2337005501361690719, 0.25366950790083042355, -0.020863480753196879157
C3, C4, C5 = 0.00091926010144262493882, -0.000025200703761965412984, 4.663205388690343464e-7
HALF_PI = 0.5 * math.pi


@inlined
def _mix(a: np.uint64, b: np.uint64, bits: np.uint64) -> tuple[np.uint64, np.uint64]:
    """One round: a ← a + b, b ← rotl(b) xor a (mod 2^64)."""
    a = a + b
    return a, ((b << bits) | (b >> (WIDTH - bits))) ^ a


@inlined
def threefry(key0: np.uint64, key1: np.uint64, a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Two random words: Threefry-2x64 with 13 rounds, the fewest that pass BigCrush (Salmon et al. 2011, table 2).

    Parameters
    ----------
    key0, key1 : uint64
        Key of the stream.
    a, b : uint64
        Counter.
    """
    key2 = key0 ^ key1 ^ PARITY
    a, b = a + key0, b + key1
    a, b = _mix(a, b, R0)
    a, b = _mix(a, b, R1)
    a, b = _mix(a, b, R2)
    a, b = _mix(a, b, R3)
    a, b = a + key1, b + key2 + ONE
    a, b = _mix(a, b, R4)
    a, b = _mix(a, b, R5)
    a, b = _mix(a, b, R6)
    a, b = _mix(a, b, R7)
    a, b = a + key2, b + key0 + TWO
    a, b = _mix(a, b, R0)
    a, b = _mix(a, b, R1)
    a, b = _mix(a, b, R2)
    a, b = _mix(a, b, R3)
    a, b = a + key0, b + key1 + THREE
    return _mix(a, b, R4)


@inlined
def minus_two_log(u: float) -> float:
    """−2 ln u for normal u in (0, 1]; relative error below 2e-15, and exactly 0 at u = 1.

    u = 2^e m with m in [√½, √2):  ln u = e ln 2 + 2 artanh(s),  s = (m − 1)/(m + 1). Both terms are of one sign or the
    first dominates, so nothing cancels.
    """
    bits = np.float64(u).view(np.uint64) + ONE_MINUS_ROOT_HALF
    exponent = np.float64(np.int64(bits >> MANTISSA_BITS) - BIAS)
    f = np.uint64((bits & MANTISSA) + ROOT_HALF).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = L0 + z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * L5))))
    return exponent * MINUS_TWO_LN2 - 2.0 * s * (2.0 + z * series)


@inlined
def quarter_circle(t: float) -> tuple[float, float]:
    """(cos, sin) of πt/2 for |t| ≤ 1/2; relative errors below 1e-15."""
    w = t * t
    cosine = 1.0 + w * (C0 + w * (C1 + w * (C2 + w * (C3 + w * (C4 + w * C5)))))
    sine = t * (HALF_PI + w * (S0 + w * (S1 + w * (S2 + w * (S3 + w * (S4 + w * S5))))))
    return cosine, sine


@inlined
def normal_pair(key0: np.uint64, key1: np.uint64, a: np.uint64, b: np.uint64) -> tuple[float, float]:
    """Two independent standard normals (Box and Muller 1958) from one block of the cipher.

    The radius uses the upper 53 bits of the first word, u in {1, …, 2^53}/2^53, so |x| reaches √(106 ln 2) = 8.57 and
    the law of the tails is right up to there. The upper 53 bits of the second word place the point on a quarter of
    the circle around the first axis; its two lowest bits, otherwise unused, choose one of the four quarters.
    """
    word0, word1 = threefry(key0, key1, a, b)
    radius = math.sqrt(minus_two_log(np.float64((word0 >> SPARE_BITS) + ONE) * ULP))
    cosine, sine = quarter_circle(np.float64(word1 >> SPARE_BITS) * ULP - 0.5)
    # A radius of either sign reaches the opposite quarter; flipping the sign bit needs no branch.
    radius = np.uint64(np.float64(radius).view(np.uint64) ^ (word1 << SIGN)).view(np.float64)
    swap = (word1 & TWO) != U64(0)
    first = sine if swap else cosine
    second = cosine if swap else sine
    return radius * first, radius * second


@kernel
def fill_normals(keys: Words, slot: int, out: Array) -> None:
    """Fill `out` with independent standard normals, one stream per column.

    Parameters
    ----------
    keys : ndarray of uint64, shape (2, lane)
        Key of every lane (replica).
    slot : int
        Number of this fill, 0 <= slot < 2^64. Two fills with one slot give the same numbers.
    out : ndarray, shape (number, lane)
        Overwritten. Column r depends on keys[:, r] and slot only; a longer fill begins with the numbers of a
        shorter one.
    """
    numbers, lanes = out.shape
    word = U64(slot)
    for pair in range(numbers // 2):
        for r in range(lanes):
            first, second = normal_pair(keys[0, r], keys[1, r], U64(pair), word)
            out[2 * pair, r] = first
            out[2 * pair + 1, r] = second
    if numbers % 2:
        for r in range(lanes):
            out[numbers - 1, r] = normal_pair(keys[0, r], keys[1, r], U64(numbers // 2), word)[0]
