/// How large a statement may be.
public enum SQLLimits {
    /// Bytes of UTF-8 in one text.
    public static let textBytesMax = 16 << 20
    /// Levels of nesting of a statement: parentheses, subqueries, and operators that hang on one another.
    /// Deeper is SQLSTATE 54001, so that no walk over a tree can run out of stack. Long chains of AND, OR, ||
    /// or UNION are one level.
    public static let nestingMax = 400
    /// Queries in one chain of UNION.
    public static let unionsMax = 10_000
    /// The greatest number of a parameter, `$65535`.
    public static let parameterMax = 65_535
}
