import Glibc

/// Trigonometry in degrees, exact at the multiples of 30 and 45 degrees as PostgreSQL's is.
enum Degrees {
    private static let unit = Double.pi / 180
    private static let sin30 = Glibc.sin(30 * unit)
    private static let oneMinusCos60 = 1 - Glibc.cos(60 * unit)
    private static let asinHalf = Glibc.asin(Double(0.5))
    private static let acosHalf = Glibc.acos(Double(0.5))
    private static let atanOne = Glibc.atan(Double(1))
    private static let tan45 = firstSin(45) / firstCos(45)
    private static let cot45 = firstCos(45) / firstSin(45)

    private static func smallSin(_ angle: Double) -> Double { Glibc.sin(angle * unit) / sin30 / 2 }

    private static func smallCos(_ angle: Double) -> Double {
        1 - (1 - Glibc.cos(angle * unit)) / oneMinusCos60 / 2
    }

    /// Of 0 to 90 degrees.
    private static func firstSin(_ angle: Double) -> Double {
        angle <= 30 ? smallSin(angle) : smallCos(90 - angle)
    }

    private static func firstCos(_ angle: Double) -> Double {
        angle <= 60 ? smallCos(angle) : smallSin(90 - angle)
    }

    /// An angle of 0 to 90 degrees, and the signs that sine and cosine have in its quadrant.
    private static func reduced(_ angle: Double) -> (angle: Double, sin: Double, cos: Double) {
        var rest = Glibc.fmod(angle, 360)
        var signs = (sin: 1.0, cos: 1.0)
        if rest < 0 {
            rest = -rest
            signs.sin = -1
        }
        if rest > 180 {
            rest = 360 - rest
            signs.sin = -signs.sin
        }
        if rest > 90 {
            rest = 180 - rest
            signs.cos = -1
        }
        return (rest, signs.sin, signs.cos)
    }

    static func sin(_ angle: Double) -> Double {
        let part = reduced(angle)
        return part.sin * firstSin(part.angle)
    }

    static func cos(_ angle: Double) -> Double {
        let part = reduced(angle)
        return part.cos * firstCos(part.angle)
    }

    static func tan(_ angle: Double) -> Double {
        let part = reduced(angle)
        let result = part.sin * part.cos * (firstSin(part.angle) / firstCos(part.angle) / tan45)
        return result == 0 ? 0 : result
    }

    static func cot(_ angle: Double) -> Double {
        let part = reduced(angle)
        let result = part.sin * part.cos * (firstCos(part.angle) / firstSin(part.angle) / cot45)
        return result == 0 ? 0 : result
    }

    private static func firstAsin(_ value: Double) -> Double {
        value <= 0.5 ? Glibc.asin(value) / asinHalf * 30 : 90 - Glibc.acos(value) / acosHalf * 60
    }

    private static func firstAcos(_ value: Double) -> Double {
        value <= 0.5 ? 90 - Glibc.asin(value) / asinHalf * 30 : Glibc.acos(value) / acosHalf * 60
    }

    /// NaN outside -1...1.
    static func asin(_ value: Double) -> Double { value >= 0 ? firstAsin(value) : -firstAsin(-value) }

    static func acos(_ value: Double) -> Double { value >= 0 ? firstAcos(value) : 90 + firstAsin(-value) }

    static func atan(_ value: Double) -> Double { Glibc.atan(value) / atanOne * 45 }

    static func atan2(_ y: Double, _ x: Double) -> Double { Glibc.atan2(y, x) / atanOne * 45 }
}
