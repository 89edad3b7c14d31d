import Columns

/// Floating-point numbers that are decimal fractions, kept as whole numbers: `number = whole × 10^factor ÷
/// 10^exponent`, with an exponent and a factor for each vector. Numbers that do not come back bit by bit are
/// exceptions: their positions and bits are kept beside. `storage/FORMAT.md`, "Decimal-scaled numbers".
///
/// Source: Afroozeh, Kuffó, Boncz, "ALP: Adaptive Lossless floating-Point Compression", SIGMOD 2023.
struct DecimalScaledEncoding {
    static let descriptorBytes = 8
    static let exponentMax = 18
    static let exceptionPositionBytes = 2
    static let exceptionBytes = 8

    private let wholes: PackedStream
    private let descriptors: UnsafeRawPointer
    private let positions: UnsafePointer<UInt16>
    private let exceptions: UnsafePointer<UInt64>

    /// Checks the scales and exceptions of every vector.
    init(
        wholes: PackedStream, scales: UnsafeRawBufferPointer, positions: UnsafeRawBufferPointer,
        exceptions: UnsafeRawBufferPointer
    ) throws(EncodingError) {
        let vectors = PackedStream.vectorCount(rows: wholes.rowCount)
        guard scales.count == vectors * Self.descriptorBytes, let scaleBase = scales.baseAddress,
            let positionBase = positions.baseAddress, let exceptionBase = exceptions.baseAddress
        else { throw .truncated(what: "scales") }
        let exceptionCount = exceptions.count / Self.exceptionBytes
        guard exceptions.count == exceptionCount * Self.exceptionBytes,
            positions.count == exceptionCount * Self.exceptionPositionBytes
        else { throw .truncated(what: "exceptions") }
        self.wholes = wholes
        descriptors = scaleBase
        self.positions = UnsafePointer(positionBase.assumingMemoryBound(to: UInt16.self))
        self.exceptions = UnsafePointer(exceptionBase.assumingMemoryBound(to: UInt64.self))
        var next = 0
        for vector in 0..<vectors {
            let scale = Scale(descriptors + vector * Self.descriptorBytes)
            guard scale.exponent <= Self.exponentMax, scale.factor <= scale.exponent else {
                throw .malformed(what: "decimal scale", value: scale.exponent)
            }
            guard scale.firstException == next, scale.exceptionCount <= exceptionCount - next else {
                throw .malformed(what: "exceptions", value: scale.exceptionCount)
            }
            let length = wholes.length(of: vector)
            for index in next..<(next + scale.exceptionCount) where Int(self.positions[index]) >= length {
                throw .malformed(what: "position of an exception", value: Int(self.positions[index]))
            }
            next += scale.exceptionCount
        }
        guard next == exceptionCount else { throw .malformed(what: "exceptions", value: exceptionCount) }
    }

    /// A vector's descriptor.
    private struct Scale {
        var exponent: Int
        var factor: Int
        var exceptionCount: Int
        var firstException: Int

        init(_ descriptor: UnsafeRawPointer) {
            exponent = Int(descriptor.load(as: UInt8.self))
            factor = Int(descriptor.load(fromByteOffset: 1, as: UInt8.self))
            exceptionCount = Int(descriptor.load(fromByteOffset: 2, as: UInt16.self))
            firstException = Int(descriptor.load(fromByteOffset: 4, as: UInt32.self))
        }
    }

    /// Writes the numbers of a vector. Both have room for 2,048.
    ///
    /// About 0.4 ns a number.
    func decode(
        vector: Int, into output: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Int64>
    ) {
        let scale = Scale(descriptors + vector &* Self.descriptorBytes)
        wholes.unpack(vector: vector, into: scratch)
        let (multiplier, fraction) = DecimalScale.multipliers(exponent: scale.exponent, factor: scale.factor)
        for row in 0..<wholes.length(of: vector) {
            output[row] = DecimalScale.number(scratch[row], multiplier, fraction)
        }
        for index in scale.firstException..<(scale.firstException &+ scale.exceptionCount) {
            output[Int(positions[index])] = Double(bitPattern: exceptions[index])
        }
    }

    /// One number: that of an exception, or the whole number scaled.
    func number(at row: Int) -> Double {
        let scale = Scale(descriptors + (row / DataChunk.capacity) &* Self.descriptorBytes)
        for index in scale.firstException..<(scale.firstException + scale.exceptionCount)
        where Int(positions[index]) == row % DataChunk.capacity {
            return Double(bitPattern: exceptions[index])
        }
        let (multiplier, fraction) = DecimalScale.multipliers(exponent: scale.exponent, factor: scale.factor)
        return DecimalScale.number(wholes.value(at: row), multiplier, fraction)
    }
}

/// The arithmetic of decimal scales: the same in encoder and decoder, so that what the encoder has tried is
/// what the decoder gives.
enum DecimalScale {
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
    ]
    private static let fractions: [Double] = [
        1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
        1e-16, 1e-17, 1e-18,
    ]
    /// Adding it to a number below 2^51 rounds that to a whole number, which is then in the low bits.
    private static let rounder: Double = 0x1.8p52
    /// Whole numbers beyond are exceptions.
    static let wholeLimit: Int64 = 1 << 51

    /// What a whole number is multiplied with, one after the other.
    static func multipliers(exponent: Int, factor: Int) -> (Double, Double) {
        (powers[factor], fractions[exponent])
    }

    /// What a number is multiplied with to be whole.
    static func inverse(exponent: Int, factor: Int) -> (Double, Double) {
        (powers[exponent], fractions[factor])
    }

    /// The number that a whole number stands for; anything when it is not below 2^51.
    @inline(__always) static func number(_ whole: Int64, _ multiplier: Double, _ fraction: Double) -> Double {
        // The bits of 2^52 + 2^51 + whole, less these again: a conversion that is two vector instructions.
        let bits = UInt64(bitPattern: whole) &+ rounder.bitPattern
        return (Double(bitPattern: bits) - rounder) * multiplier * fraction
    }

    /// The whole number nearest to a scaled one; anything when it is out of reach.
    @inline(__always) static func whole(_ number: Double, _ multiplier: Double, _ fraction: Double) -> Int64 {
        let shifted = number * multiplier * fraction + rounder
        return Int64(bitPattern: shifted.bitPattern &- rounder.bitPattern)
    }
}
