/// How large a statement may be.
public enum SQLLimits {
    /// Bytes of UTF-8 in one text.
    public static let textBytesMax = 16 << 20
    /// Levels of nesting of a statement: parentheses, subqueries, and operators that hang on one another.
    /// Deeper is SQLSTATE 54001, so that no walk over a tree can run out of stack. Long chains of AND or OR
    /// are one level.
    public static let nestingMax = 400
    /// The greatest number of a parameter, `$65535`.
    public static let parameterMax = 65_535
}
