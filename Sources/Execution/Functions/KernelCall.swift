import Columns

/// One call of a scalar kernel: the arguments of a chunk.
///
/// Invariants: arguments are flat or constant; a flat one has `count` rows. `validity` is nil when no row has
/// a NULL argument; a strict kernel gives no value and no error for rows that it excludes.
struct KernelCall {
    let arguments: [Vector]
    let count: Int
    let validity: ValidityMask?
    let returnType: DataType

    func isValid(_ row: Int) -> Bool { validity?.isValid(row) ?? true }

    @inline(__always) func reader<Element: BitwiseCopyable>(
        _ index: Int, as _: Element.Type = Element.self
    ) -> ArgumentReader<Element> {
        let argument = arguments[index]
        return ArgumentReader(
            base: argument.pointer(as: Element.self), mask: argument.form == .constant ? 0 : ~0)
    }

    /// The argument's one value when it is a constant and not NULL.
    func constantView(_ index: Int) -> StringView? {
        guard index < arguments.count, arguments[index].form == .constant, arguments[index].validity == nil
        else {
            return nil
        }
        return arguments[index].pointer(as: StringView.self)[0]
    }

    func flat(_ buffer: VectorBuffer, heap: StringHeap? = nil) -> Vector {
        Vector(flat: buffer, type: returnType, count: count, validity: validity, heap: heap)
    }
}

/// Reads an argument by row, whether it is flat or constant.
struct ArgumentReader<Element: BitwiseCopyable> {
    let base: UnsafePointer<Element>
    let mask: Int

    init(base: UnsafeMutablePointer<Element>, mask: Int) {
        self.base = UnsafePointer(base)
        self.mask = mask
    }

    @inline(__always) subscript(row: Int) -> Element { base[row & mask] }
}

/// Computes the result of one call.
typealias ScalarKernel = (KernelCall) throws(ExecutionError) -> Vector

/// A list of overloads with what computes them.
protocol FunctionFamily: Sendable, SendableMetatype {
    static var overloads: [ScalarOverload] { get }
    /// The kernel of one of this family's functions. It may keep state: each compiled node makes its own.
    static func kernel(_ function: ScalarFunction, _ context: EvaluationContext) throws(ExecutionError)
        -> ScalarKernel
}

/// Loops of kernels over rows.
enum RowLoop {
    /// `compute` gives a value and whether it is bad; a bad valid row is an error. Rows are computed without
    /// a branch.
    @inline(__always) static func map<A: BitwiseCopyable, R: BitwiseCopyable>(
        _ call: KernelCall, _: A.Type, _: R.Type, error: ExecutionError, _ compute: (A) -> (R, Bool)
    ) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: call.count &* MemoryLayout<R>.stride)
        let target = buffer.pointer(as: R.self)
        let source = UnsafePointer(call.arguments[0].pointer(as: A.self))
        var bad: UInt8 = 0
        for row in 0..<call.count {
            let (value, isBad) = compute(source[row])
            target[row] = value
            bad |= unsafeBitCast(isBad, to: UInt8.self)
        }
        if bad != 0 {
            for row in 0..<call.count where call.isValid(row) && compute(source[row]).1 { throw error }
        }
        return call.flat(buffer)
    }

    @inline(__always) static func zip<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
        _ call: KernelCall, _: A.Type, _: B.Type, _: R.Type, error: ExecutionError,
        _ compute: (A, B) -> (R, Bool)
    ) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: call.count &* MemoryLayout<R>.stride)
        let target = buffer.pointer(as: R.self)
        let left = UnsafePointer(call.arguments[0].pointer(as: A.self))
        let right = UnsafePointer(call.arguments[1].pointer(as: B.self))
        var bad: UInt8 = 0
        switch (call.arguments[0].form == .constant, call.arguments[1].form == .constant) {
        case (false, false):
            for row in 0..<call.count {
                let (value, isBad) = compute(left[row], right[row])
                target[row] = value
                bad |= unsafeBitCast(isBad, to: UInt8.self)
            }
        case (false, true):
            let fixed = right[0]
            for row in 0..<call.count {
                let (value, isBad) = compute(left[row], fixed)
                target[row] = value
                bad |= unsafeBitCast(isBad, to: UInt8.self)
            }
        case (true, _):
            let fixed = left[0]
            let other = call.reader(1, as: B.self)
            for row in 0..<call.count {
                let (value, isBad) = compute(fixed, other[row])
                target[row] = value
                bad |= unsafeBitCast(isBad, to: UInt8.self)
            }
        }
        if bad != 0 {
            let first = call.reader(0, as: A.self)
            let second = call.reader(1, as: B.self)
            for row in 0..<call.count where call.isValid(row) && compute(first[row], second[row]).1 {
                throw error
            }
        }
        return call.flat(buffer)
    }

    /// One value a valid row by a function that may fail; nil is NULL. For functions that cost more than a
    /// call.
    @inline(__always) static func each<R: BitwiseCopyable>(
        _ call: KernelCall, _: R.Type, _ compute: (Int) throws(ExecutionError) -> R?
    ) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: call.count &* MemoryLayout<R>.stride)
        buffer.fillWithZeros()
        let target = buffer.pointer(as: R.self)
        var validity = call.validity
        var isOwn = false
        for row in 0..<call.count where call.isValid(row) {
            if let value = try compute(row) {
                target[row] = value
            } else {
                if !isOwn { validity = copy(call.validity, call.count) }
                isOwn = true
                validity?.setNull(row)
            }
        }
        return Vector(flat: buffer, type: call.returnType, count: call.count, validity: validity)
    }

    /// One text a valid row, written to a buffer that is empty before each; false is NULL.
    static func text(
        _ call: KernelCall, _ write: (Int, TextBuffer) throws(ExecutionError) -> Bool
    ) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: call.count * 16)
        buffer.fillWithZeros()
        let target = buffer.pointer(as: StringView.self)
        let heap = StringHeap()
        let scratch = TextBuffer(capacity: 256)
        var validity = call.validity
        var isOwn = false
        for row in 0..<call.count where call.isValid(row) {
            scratch.removeAll()
            if try write(row, scratch) {
                target[row] = heap.add(scratch.bytes)
            } else {
                if !isOwn { validity = copy(call.validity, call.count) }
                isOwn = true
                validity?.setNull(row)
            }
        }
        return Vector(flat: buffer, type: call.returnType, count: call.count, validity: validity, heap: heap)
    }

    private static func copy(_ mask: ValidityMask?, _ count: Int) -> ValidityMask {
        let result = ValidityMask(count: count, allValid: true)
        if let mask { result.words.update(from: mask.words, count: ValidityMask.wordCount(for: count)) }
        return result
    }
}
