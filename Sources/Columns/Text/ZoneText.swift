/// Time zones that are written as a fixed distance from UTC.
public enum ZoneText {
    /// Seconds east of UTC of `+03`, `-0430`, `+05:30:10`, `Z`, `UTC`, `GMT`, `MSK` and a few more
    /// abbreviations.
    ///
    /// - Throws: `.malformed` for other words, `.outOfRange` for more than 15 hours and 59 minutes.
    public static func offsetSeconds(of word: String) throws(TextReadingError) -> Int {
        if let known = abbreviations[word.lowercased()] { return known * 60 }
        guard let sign = word.utf8.first, sign == 43 || sign == 45 else { throw .malformed }
        let parts = word.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }),
            let first = Int(parts[0]), parts[0].utf8.count <= 4
        else { throw .malformed }
        var hours = first
        var minutes = 0
        var seconds = 0
        if parts.count == 1, parts[0].utf8.count > 2 {
            hours = first / 100
            minutes = first % 100
        }
        if parts.count > 1 {
            guard let value = Int(parts[1]) else { throw .malformed }
            minutes = value
        }
        if parts.count > 2 {
            guard let value = Int(parts[2]) else { throw .malformed }
            seconds = value
        }
        guard hours < 16, minutes < 60, seconds < 60 else { throw .outOfRange }
        let total = (hours * 60 + minutes) * 60 + seconds
        return sign == 45 ? -total : total
    }

    /// Minutes east of UTC.
    private static let abbreviations: [String: Int] = [
        "z": 0, "zulu": 0, "utc": 0, "gmt": 0, "ut": 0, "msk": 180, "msd": 240, "cet": 60, "cest": 120,
        "eet": 120, "eest": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
        "pst": -480, "pdt": -420,
    ]
}
