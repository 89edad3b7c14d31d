import Columns
import Testing

@Suite("decimals as floating point")
struct DecimalMathTests {
    private static func text(_ unscaled: Int128, _ scale: Int) -> String { "\(unscaled)e-\(scale)" }

    @Test(
        "a decimal becomes the nearest floating point number",
        arguments: [
            (1_211_250_000_000_000_000, 16), (0, 5), (1, 38), (-1, 38), (9_007_199_254_740_993, 0),
            (9_007_199_254_740_993, 22), (33_333_333_333_333_333_333, 20), (5, 1), (-5, 1),
            (Int128.max, 0), (Int128.max, 38), (Int128.min + 1, 20), (18_446_744_073_709_551_615, 3),
        ] as [(Int128, Int)])
    func edges(_ unscaled: Int128, _ scale: Int) {
        #expect(DecimalMath.double(unscaled, scale: scale) == Double(Self.text(unscaled, scale)))
    }

    @Test("random decimals of every length become the nearest floating point number")
    func random() {
        var state: UInt64 = 7
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
        for _ in 0..<20_000 {
            let wide = Int128(truncatingIfNeeded: UInt128(next()) << 64 | UInt128(next()))
            let unscaled = wide >> Int128(next() % 127)
            let scale = Int(next() % 39)
            let made = DecimalMath.double(unscaled, scale: scale)
            guard made == Double(Self.text(unscaled, scale)) else {
                Issue.record("\(unscaled) of scale \(scale) became \(made)")
                return
            }
        }
    }
}
