/// Parts of paths as text.
public enum FilePath {
    /// The directory that holds a path; "." for a bare name.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without slashes at its end, which would make names beside it names inside it.
    public static func withoutTrailingSlashes(_ path: String) -> String {
        var text = path
        while text.utf8.count > 1 && text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
