import CCurl
import Glibc

/// One request on its way: its easy handle and what has come back. Belongs to the transport's thread.
final class CurlTransfer {
    let request: HTTPRequest
    let ticket: UInt64
    let completion: CurlTransport.Completion
    private(set) var handle: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutablePointer<curl_slist>?
    fileprivate var body: [UInt8] = []
    fileprivate var headers: [String: String] = [:]
    fileprivate var isTooLarge = false

    /// Bytes of the longest answer, unpacked.
    static let bodyBytesMax = 256 << 20
    fileprivate static let headerCountMax = 200
    private static let connectSeconds = 10
    private static let redirectsMax = 5

    init(request: HTTPRequest, ticket: UInt64, completion: @escaping CurlTransport.Completion) {
        self.request = request
        self.ticket = ticket
        self.completion = completion
    }

    /// Makes the easy handle; nil if libcurl refuses the URL.
    func begin(idleSecondsMax: Int) -> UnsafeMutableRawPointer? {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        guard ambar_curl_set_string(handle, CURLOPT_URL, request.url) == CURLE_OK else {
            _ = end(CURLE_URL_MALFORMAT)
            return nil
        }
        _ = ambar_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = ambar_curl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        _ = ambar_curl_set_string(handle, CURLOPT_ACCEPT_ENCODING, "gzip")
        _ = ambar_curl_set_string(handle, CURLOPT_USERAGENT, "ambar")
        _ = ambar_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = ambar_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        _ = ambar_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
        _ = ambar_curl_set_long(handle, CURLOPT_MAXREDIRS, Self.redirectsMax)
        _ = ambar_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        let milliseconds = request.timeLimit / .milliseconds(1)
        _ = ambar_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(milliseconds))
        _ = ambar_curl_set_long(handle, CURLOPT_MAXAGE_CONN, idleSecondsMax)
        _ = ambar_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 << 10)
        if request.needsFreshConnection { _ = ambar_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1) }
        if request.method == "POST" {
            _ = ambar_curl_set_long(handle, CURLOPT_POST, 1)
            _ = ambar_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, 0)
        }
        for header in request.headers {
            headerList = curl_slist_append(headerList, "\(header.name): \(header.value)")
        }
        _ = ambar_curl_set_list(handle, CURLOPT_HTTPHEADER, headerList)
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = ambar_curl_set_function(handle, CURLOPT_WRITEFUNCTION, receiveBody)
        _ = ambar_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = ambar_curl_set_function(handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        _ = ambar_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        return handle
    }

    /// Frees the handle and says how the transfer ended.
    func end(_ code: CURLcode) -> Result<HTTPResponse, TransportFailure> {
        var status = 0
        if let handle {
            _ = ambar_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
            curl_easy_cleanup(handle)
        }
        handle = nil
        curl_slist_free_all(headerList)
        headerList = nil
        if code == CURLE_OK { return .success(HTTPResponse(status: status, headers: headers, body: body)) }
        return .failure(isTooLarge ? .tooLarge : Self.failure(code))
    }

    private static func failure(_ code: CURLcode) -> TransportFailure {
        let reason = curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
        return switch code {
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            .unreachable(reason)
        default: .broken(reason)
        }
    }
}

private func receiveBody(
    data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let byteCount = size * count
    guard transfer.body.count + byteCount <= CurlTransfer.bodyBytesMax else {
        transfer.isTooLarge = true
        return 0
    }
    transfer.body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: byteCount))
    return byteCount
}

private func receiveHeader(
    data: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let byteCount = size * count
    let line = String(decoding: UnsafeRawBufferPointer(start: data, count: byteCount), as: UTF8.self)
    if line.hasPrefix("HTTP/") {
        // A redirect or an interim answer is over: what counts is the last one.
        transfer.headers.removeAll()
        transfer.body.removeAll()
    } else if let colon = line.firstIndex(of: ":"), transfer.headers.count < CurlTransfer.headerCountMax {
        transfer.headers[line[..<colon].lowercased()] =
            String(line[line.index(after: colon)...]).trimmingSpaces
    }
    return byteCount
}
