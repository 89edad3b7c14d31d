/// Numbers as PostgreSQL prints them.
extension TextBuffer {
    public func append(integer value: Int64) {
        let target = reserve(20)
        var magnitude = value.magnitude
        var length = 0
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            repeat {
                let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
                digits[length] = 48 &+ UInt8(truncatingIfNeeded: remainder)
                length &+= 1
                magnitude = quotient
            } while magnitude != 0
            var position = 0
            if value < 0 {
                target[0] = 45
                position = 1
            }
            for index in stride(from: length - 1, through: 0, by: -1) {
                target[position] = digits[index]
                position &+= 1
            }
            length = position
        }
        advance(length)
    }

    /// `unscaled` × 10^-`scale` with exactly `scale` digits after the point.
    public func append(decimal unscaled: Int128, scale: Int) {
        if scale == 0, let small = Int64(exactly: unscaled) { return append(integer: small) }
        if scale == DecimalMath.quotientScale { return append(quotient: unscaled) }
        if unscaled < 0 { append(45) }
        let magnitude = unscaled.magnitude
        guard scale > 0 else { return append(magnitude: magnitude, minimumDigits: 1) }
        let divisor = DecimalMath.powerOfTen(scale).magnitude
        let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: divisor)
        append(magnitude: whole, minimumDigits: 1)
        append(46)
        append(magnitude: fraction, minimumDigits: scale)
    }

    /// A quotient with the digits that PostgreSQL shows of it: 16 that are significant, counted in groups of
    /// four, and more where they are not zero.
    private func append(quotient unscaled: Int128) {
        if unscaled < 0 { append(45) }
        let unit = DecimalMath.powerOfTen(DecimalMath.quotientScale).magnitude
        var (whole, fraction) = unscaled.magnitude.quotientAndRemainder(dividingBy: unit)
        append(magnitude: whole, minimumDigits: 1)
        var least = whole == 0 ? DecimalMath.quotientScale : 16
        while whole >= 10_000 {
            whole /= 10_000
            least -= 4
        }
        var digits = DecimalMath.quotientScale
        while digits > max(least, 0), fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        guard digits > 0 else { return }
        append(46)
        append(magnitude: fraction, minimumDigits: digits)
    }

    private func append(magnitude: UInt128, minimumDigits: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { digits in
            var rest = magnitude
            var length = 0
            while rest > UInt128(UInt64.max) {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                digits[length] = 48 + UInt8(truncatingIfNeeded: remainder)
                length += 1
                rest = quotient
            }
            var word = UInt64(truncatingIfNeeded: rest)
            while word != 0 || length < minimumDigits {
                let (quotient, remainder) = word.quotientAndRemainder(dividingBy: 10)
                digits[length] = 48 &+ UInt8(truncatingIfNeeded: remainder)
                length += 1
                word = quotient
            }
            let target = reserve(length)
            for index in 0..<length { target[index] = digits[length - 1 - index] }
            advance(length)
        }
    }

    /// The shortest digits that read back as the same number; exponent form below 1e-4 and from 1e15 on.
    public func append(double value: Double) { append(shortest: value.description, isFinite: value.isFinite) }

    public func append(float value: Float) {
        append(shortest: value.description, isFinite: value.isFinite, exponentFrom: 6)
    }

    private func append(shortest text: String, isFinite: Bool, exponentFrom: Int = 15) {
        guard isFinite else {
            return append(text == "inf" ? "Infinity" : text == "-inf" ? "-Infinity" : "NaN")
        }
        // Swift prints the shortest digits too, but chooses the exponent form elsewhere: take the digits,
        // place anew.
        var digits: [UInt8] = []
        var exponent = 0
        var pointSeen = false
        var negative = false
        var bytes = Array(text.utf8)[...]
        if bytes.first == 45 {
            negative = true
            bytes.removeFirst()
        }
        if let mark = bytes.firstIndex(of: 101) {
            exponent = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)) ?? 0
            bytes = bytes[..<mark]
        }
        for byte in bytes {
            if byte == 46 {
                pointSeen = true
            } else {
                digits.append(byte)
                if pointSeen { exponent -= 1 }
            }
        }
        while digits.count > 1, digits.first == 48 { digits.removeFirst() }
        while digits.count > 1, digits.last == 48 {
            digits.removeLast()
            exponent += 1
        }
        if negative { append(45) }
        if digits == [48] { return append(48) }
        append(digits: digits, pointAfter: digits.count + exponent, exponentFrom: exponentFrom)
    }

    /// `digits` with the point after `position` of them (which may lie outside).
    private func append(digits: [UInt8], pointAfter position: Int, exponentFrom: Int) {
        if position - 1 < -4 || position - 1 >= exponentFrom {
            append(digits[0])
            if digits.count > 1 {
                append(46)
                for digit in digits.dropFirst() { append(digit) }
            }
            append(101)
            append(position - 1 < 0 ? 45 : 43)
            let magnitude = abs(position - 1)
            if magnitude < 10 { append(48) }
            append(integer: Int64(magnitude))
            return
        }
        if position <= 0 {
            append("0.")
            for _ in 0..<(-position) { append(48) }
            for digit in digits { append(digit) }
            return
        }
        for index in 0..<max(position, digits.count) {
            if index == position { append(46) }
            append(index < digits.count ? digits[index] : 48)
        }
    }
}
