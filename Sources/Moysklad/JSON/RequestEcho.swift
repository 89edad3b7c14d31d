extension JSONValue {
    /// The value's bytes, without the query that Moysklad repeats from the request in the `href`s of
    /// expanded answers: it belongs to the request, not to the object, and would make an unchanged object
    /// look changed.
    ///
    /// Takes one pass over the value's nodes; copies only if something is left out.
    public var contentWithoutRequestEcho: ArraySlice<UInt8> {
        var cuts: [Range<Int>] = []
        let end = Int(document.nodes[index].next)
        var node = index
        while node < end {
            if document.nodes[node].kind == .string, node + 1 < end, isHref(document.nodes[node]),
                document.nodes[node + 1].kind == .string, let cut = echo(in: document.nodes[node + 1])
            {
                cuts.append(cut)
            }
            node += 1
        }
        guard !cuts.isEmpty else { return content }
        var kept: [UInt8] = []
        kept.reserveCapacity(content.count)
        var position = byteOffset
        for cut in cuts {
            kept += document.bytes[position..<cut.lowerBound]
            position = cut.upperBound
        }
        kept += document.bytes[position..<byteEnd]
        return kept[...]
    }

    private func isHref(_ node: JSONTapeNode) -> Bool {
        node.end - node.start == 4 && document.bytes[Int(node.start)] == UInt8(ascii: "h")
            && document.bytes[Int(node.start)..<Int(node.end)].elementsEqual("href".utf8)
    }

    /// From the question mark on, if what follows are parameters of paging or of our own expansion.
    private func echo(in node: JSONTapeNode) -> Range<Int>? {
        let text = document.bytes[Int(node.start)..<Int(node.end)]
        guard let mark = text.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let parameters = text[(mark + 1)...].split(separator: UInt8(ascii: "&"))
        let isEcho = parameters.contains { parameter in
            parameter.starts(with: "limit=".utf8) || parameter.starts(with: "offset=".utf8)
                || parameter.elementsEqual("expand=positions".utf8)
        }
        return isEcho ? mark..<Int(node.end) : nil
    }
}
