import CCurl
import Glibc
import Synchronization

/// Sends requests through one libcurl multi handle on a thread of its own.
///
/// Connections are kept alive and shared, HTTP/2 is used where the server offers it, answers come unpacked.
/// A connection is dropped after 30 seconds of idleness and before it has served 100 requests, as Moysklad
/// asks.
final class CurlTransport: Sendable {
    typealias Completion = @Sendable (Result<HTTPResponse, TransportFailure>) -> Void

    private let loop: CurlLoop
    private static let initialised: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// - Throws: `MoyskladError.configuration` if libcurl or the thread cannot be started.
    init() throws(MoyskladError) {
        guard Self.initialised, let multi = curl_multi_init() else {
            throw .configuration(reason: "libcurl cannot be started")
        }
        loop = CurlLoop(multi: multi)
        guard loop.start() else { throw .configuration(reason: "no thread for the network can be started") }
    }

    deinit { loop.stop() }

    /// Sends one request; cancelling the task abandons it.
    func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPResponse {
        let ticket = loop.nextTicket()
        let result: Result<HTTPResponse, TransportFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(request, ticket: ticket) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            loop.cancel(ticket)
        }
        return try result.get()
    }
}

/// The thread and its multi handle.
///
/// `@unchecked Sendable`: the mailbox is a Mutex; everything else belongs to the thread, but for `multi` in
/// `curl_multi_wakeup`, which libcurl allows from any thread, and which is called only while the thread runs.
private final class CurlLoop: @unchecked Sendable {
    struct Mailbox {
        var submitted: [(request: HTTPRequest, ticket: UInt64, completion: CurlTransport.Completion)] = []
        var cancelled: Set<UInt64> = []
        var isStopping = false
        var ticket: UInt64 = 0
    }

    private let mailbox = Mutex(Mailbox())
    private var multi: UnsafeMutableRawPointer
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var waiting: [CurlTransfer] = []
    private var sentOverConnections = 0

    /// Requests over one set of connections; a single connection cannot have served more.
    private static let requestsPerConnectionSet = 100
    private static let idleSecondsMax = 30

    init(multi: UnsafeMutableRawPointer) {
        self.multi = multi
        Self.configure(multi)
    }

    private static func configure(_ multi: UnsafeMutableRawPointer) {
        _ = ambar_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 16)
        _ = ambar_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    func start() -> Bool {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    func nextTicket() -> UInt64 {
        mailbox.withLock { box in
            box.ticket += 1
            return box.ticket
        }
    }

    func submit(_ request: HTTPRequest, ticket: UInt64, completion: @escaping CurlTransport.Completion) {
        let isAccepted = mailbox.withLock { box in
            guard !box.isStopping else { return false }
            box.submitted.append((request, ticket, completion))
            curl_multi_wakeup(multi)
            return true
        }
        if !isAccepted { completion(.failure(.cancelled)) }
    }

    func cancel(_ ticket: UInt64) {
        mailbox.withLock { box in
            guard !box.isStopping else { return }
            box.cancelled.insert(ticket)
            curl_multi_wakeup(multi)
        }
    }

    func stop() {
        mailbox.withLock { box in
            box.isStopping = true
            curl_multi_wakeup(multi)
        }
    }

    private func run() {
        while takeMail() {
            startWaiting()
            var runningCount: Int32 = 0
            curl_multi_perform(multi, &runningCount)
            collectFinished()
            if waiting.isEmpty || !running.isEmpty { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
        for transfer in running.values { abandon(transfer) }
        for transfer in waiting { transfer.completion(.failure(.cancelled)) }
        curl_multi_cleanup(multi)
    }

    /// False when the loop is to end.
    private func takeMail() -> Bool {
        let mail = mailbox.withLock { box in
            defer {
                box.submitted.removeAll()
                box.cancelled.removeAll()
            }
            return box
        }
        for item in mail.submitted {
            waiting.append(
                CurlTransfer(request: item.request, ticket: item.ticket, completion: item.completion))
        }
        if !mail.cancelled.isEmpty {
            for transfer in waiting where mail.cancelled.contains(transfer.ticket) {
                transfer.completion(.failure(.cancelled))
            }
            waiting.removeAll { mail.cancelled.contains($0.ticket) }
            for (handle, transfer) in running where mail.cancelled.contains(transfer.ticket) {
                abandon(transfer)
                running[handle] = nil
            }
        }
        return !mail.isStopping
    }

    private func startWaiting() {
        while !waiting.isEmpty {
            if sentOverConnections >= Self.requestsPerConnectionSet {
                guard running.isEmpty, renewConnections() else { return }
            }
            let transfer = waiting.removeFirst()
            guard let handle = transfer.begin(idleSecondsMax: Self.idleSecondsMax) else {
                transfer.completion(.failure(.badURL))
                continue
            }
            running[handle] = transfer
            curl_multi_add_handle(multi, handle)
            sentOverConnections += 1
        }
    }

    private func renewConnections() -> Bool {
        guard let fresh = curl_multi_init() else { return false }
        Self.configure(fresh)
        let old = mailbox.withLock { _ in
            defer { multi = fresh }
            return multi
        }
        curl_multi_cleanup(old)
        sentOverConnections = 0
        return true
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else {
                continue
            }
            let code = message.pointee.data.result
            guard let transfer = running.removeValue(forKey: handle) else { continue }
            curl_multi_remove_handle(multi, handle)
            let result = transfer.end(code)
            transfer.completion(result)
        }
    }

    private func abandon(_ transfer: CurlTransfer) {
        if let handle = transfer.handle { curl_multi_remove_handle(multi, handle) }
        _ = transfer.end(CURLE_ABORTED_BY_CALLBACK)
        transfer.completion(.failure(.cancelled))
    }
}
