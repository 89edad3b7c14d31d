import Columns

/// What TABLESAMPLE asks of a row: a number of 0 up to 1 that its place and a seed decide.
enum SampleFunctions: FunctionFamily {
    /// `sample_fraction(locator, rows, seed)`: rows whose locators differ only within a block of `rows` have
    /// one number.
    static let overloads: [ScalarOverload] = [
        ScalarOverload("sample_fraction", [.bigint, .bigint, .bigint], returns: .doublePrecision)
    ]

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        { (call) throws(ExecutionError) in
            let locators = call.reader(0, as: Int64.self)
            let blocks = call.reader(1, as: Int64.self)
            let seeds = call.reader(2, as: Int64.self)
            return try RowLoop.each(call, Double.self) { row in
                let block = locators[row] / max(1, blocks[row])
                return fraction(UInt64(bitPattern: block), UInt64(bitPattern: seeds[row]))
            }
        }
    }

    /// Source: the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
    /// Generators", OOPSLA 2014), once for the seed and once for the place.
    private static func fraction(_ place: UInt64, _ seed: UInt64) -> Double {
        Double(mixed(place &+ mixed(seed)) >> 11) / Double(1 << 53)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
