/// Writes one number by a template, slot by slot as PostgreSQL does.
///
/// Invariant: `slot` counts the digit places of the template that are done, `place` the characters of
/// `digits`.
struct NumberWriter {
    private let template: NumberTemplate
    private let isNegative: Bool
    /// The magnitude: digits with a point.
    private let digits: [Character]
    private let missing: Int
    private var isSignWritten: Bool
    private var hasBrackets: Bool
    private var slotCount: Int
    /// The last character of `digits` that counts where trailing zeros do not.
    private var lastRelevant: Int?
    private var slot = 0
    private var place = 0
    private var isInside = false
    private var output = ""

    /// - Parameters:
    ///   - digits: The magnitude, rounded to the template's digits.
    ///   - missing: Places before the point that the number has no digit for.
    init(_ template: NumberTemplate, digits: String, isNegative: Bool, missing: Int) {
        self.template = template
        self.isNegative = isNegative
        self.digits = Array(digits)
        self.missing = missing
        hasBrackets = template.hasBrackets && (isNegative || template.isPadded)
        if template.hasPlus || template.hasMinus {
            isSignWritten = template.hasMinus
        } else {
            isSignWritten = !isNegative && !template.isPadded && template.anchor == .none
        }
        slotCount = template.fractionDigits + template.wholeDigits - 1
        if !template.isPadded, template.hasPoint, let point = self.digits.firstIndex(of: ".") {
            var last = point
            for index in (point + 1)..<max(point + 1, self.digits.count) where self.digits[index] != "0" {
                last = index
            }
            if template.zeroEnd > missing {
                last = max(last, min(self.digits.count - 1, template.zeroEnd - missing))
            }
            lastRelevant = last
        }
        if !isSignWritten, missing == 0 { slotCount += 1 }
    }

    mutating func write() -> String {
        for piece in template.pieces {
            switch piece {
            case .nine, .zero, .point: writeSlot(piece)
            case .comma, .group:
                if isInside {
                    output += ","
                } else if template.isPadded {
                    output += " "
                }
            case .currency: output += " "
            case .minus:
                if isNegative { output += "-" } else if template.isPadded { output += " " }
            case .plus:
                if !isNegative { output += "+" } else if template.isPadded { output += " " }
            case .plusMinus: output += isNegative ? "-" : "+"
            case .ordinal(let isLower): writeOrdinal(isLower)
            case .literal(let text): output += text
            case .sign, .roman, .flag: continue
            }
        }
        return output
    }

    private mutating func writeOrdinal(_ isLower: Bool) {
        if digits.first == "#" || isNegative || template.hasPoint { return }
        let last = digits.last.flatMap { Int(String($0)) } ?? 0
        let isTeen = digits.count > 1 && digits[digits.count - 2] == "1"
        let suffix = isTeen ? "th" : last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th"
        output += isLower ? suffix : suffix.uppercased()
    }

    /// Whether the number's only digit before the point is a zero that is not shown.
    private var hidesZero: Bool {
        !template.hasZero && place == 0 && digits.first == "0" && template.fractionDigits != 0
    }

    private var endsAtPoint: Bool { lastRelevant.map { digits[$0] == "." } ?? false }

    private mutating func writeSign() {
        let hasReached = slot >= missing || (template.hasZero && template.zeroStart - 1 == slot)
        guard !isSignWritten, hasReached, !hidesZero || endsAtPoint else { return }
        if template.anchor != .none {
            if template.anchor == .before {
                output += isNegative ? "-" : "+"
                isSignWritten = true
            }
        } else if hasBrackets {
            output += isNegative ? "<" : " "
            isSignWritten = true
        } else {
            if isNegative { output += "-" } else if template.isPadded { output += " " }
            isSignWritten = true
        }
    }

    private mutating func writeSlot(_ piece: NumberTemplate.Piece) {
        isInside = false
        writeSign()
        let zeroStart = template.zeroStart - 1
        if slot < missing, !template.hasZero || zeroStart > slot {
            if template.isPadded { output += " " }
        } else if slot < missing, template.hasZero, zeroStart <= slot {
            output += "0"
            isInside = true
        } else {
            writeDigit(piece)
        }
        var end = slotCount + (missing > 0 ? 1 : 0) + (template.hasPoint ? 1 : 0)
        if let lastRelevant, lastRelevant == place { end = slot }
        if slot + 1 == end {
            if isSignWritten, hasBrackets {
                output += isNegative ? ">" : " "
            } else if template.anchor == .after {
                output += isNegative ? "-" : "+"
            }
        }
        slot += 1
    }

    private mutating func writeDigit(_ piece: NumberTemplate.Piece) {
        let current = place < digits.count ? digits[place] : nil
        if current == "." {
            if !endsAtPoint || !template.isPadded { output += "." }
        } else if let lastRelevant, place > lastRelevant, piece != .zero {
            // Zeros behind the last digit that counts are left out.
        } else if hidesZero {
            if template.isPadded {
                output += " "
            } else if endsAtPoint {
                output += "0"
            }
        } else if let current {
            output.append(current)
            isInside = true
        }
        if current != nil { place += 1 }
    }
}
