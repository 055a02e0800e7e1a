import CCrypto

/// A hash function of libcrypto, looked up once: OpenSSL 3 searches its providers at each `EVP_MD_fetch`, which takes longer than
/// hashing a control message.
///
/// Sendable because an EVP_MD does not change once it was fetched, and is never freed. The state that changes is in a
/// `RunningHash`, of which each call has its own.
struct HashFunction: @unchecked Sendable {
  fileprivate let algorithm: OpaquePointer
  let digestOctets: Int
  let blockOctets: Int

  /// MD5 (RFC 1321), or why there is none.
  static let md5 = Result { () throws(HashRefusal) in try HashFunction("MD5") }
  /// SHA-1 (FIPS 180), or why there is none.
  static let sha1 = Result { () throws(HashRefusal) in try HashFunction("SHA1") }

  /// Looks a function up.
  ///
  /// - Parameters:
  ///   - name: libcrypto's name for it.
  ///   - properties: what is demanded of it beside what the machine's openssl.cnf demands (property(7ossl)).
  init(_ name: String, properties: String? = nil) throws(HashRefusal) {
    OPENSSL_init_crypto(PW_CRYPTO_NO_ATEXIT, nil)
    ERR_clear_error()
    guard let algorithm = EVP_MD_fetch(nil, name, properties) else { throw HashRefusal(name: name) }
    self.algorithm = algorithm
    digestOctets = Int(EVP_MD_get_size(algorithm))
    blockOctets = Int(EVP_MD_get_block_size(algorithm))
  }

  /// The hash of the octets.
  func hash(_ octets: [UInt8]) -> [UInt8] {
    let running = RunningHash(self)
    octets.withUnsafeBytes { running.update($0) }
    return running.finish()
  }

  /// HMAC (RFC 2104) over `prefix` and then `message`. Made of two hashes here: libcrypto's own (EVP_MAC, of a
  /// context that is kept and copied) takes 1.6 times as long with MD5 and twice as long with SHA-1.
  func authenticationCode(key: [UInt8], prefix: [UInt8], message: Span<UInt8>) -> [UInt8] {
    let inner: UInt8 = 0x36
    let outer: UInt8 = 0x5C
    var block = [UInt8](repeating: inner, count: blockOctets)
    let key = key.count > blockOctets ? hash(key) : key
    for index in key.indices { block[index] ^= key[index] }
    let running = RunningHash(self)
    block.withUnsafeBytes { running.update($0) }
    prefix.withUnsafeBytes { running.update($0) }
    message.withUnsafeBytes { running.update($0) }
    let innerHash = running.finish()
    for index in block.indices { block[index] ^= inner ^ outer }
    running.begin()
    block.withUnsafeBytes { running.update($0) }
    innerHash.withUnsafeBytes { running.update($0) }
    return running.finish()
  }
}

/// A hash that is being computed, in memory of libcrypto's that goes with it.
private struct RunningHash: ~Copyable {
  private let function: HashFunction
  private let context: OpaquePointer

  init(_ function: HashFunction) {
    guard let context = EVP_MD_CTX_new() else { fatalError("libcrypto has no memory for a hash") }
    self.function = function
    self.context = context
    begin()
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Begins, or begins anew.
  borrowing func begin() {
    must(EVP_DigestInit_ex2(context, function.algorithm, nil), "begin")
  }

  borrowing func update(_ octets: UnsafeRawBufferPointer) {
    must(EVP_DigestUpdate(context, octets.baseAddress, octets.count), "continue")
  }

  borrowing func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: function.digestOctets) { octets, count in
      must(EVP_DigestFinal_ex(context, octets.baseAddress, nil), "finish")
      count = function.digestOctets
    }
  }

  /// A function that was found fails for want of memory only; a wrong digest must not come of it.
  private borrowing func must(_ result: Int32, _ step: String) {
    guard result == 1 else { fatalError("libcrypto cannot \(step) a hash: \(LibraryError.taken())") }
  }
}
