/// A part of a statement's text, in characters (Unicode scalars) counted from 1 as PostgreSQL counts them.
public struct SourceSpan: Hashable, Sendable {
    /// The first character.
    public var start: Int
    /// One past the last character.
    public var end: Int

    public init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// From the start of this span to the end of `other`.
    public func through(_ other: SourceSpan) -> SourceSpan {
        SourceSpan(start: start, end: max(end, other.end))
    }
}
