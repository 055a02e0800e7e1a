extension EventLoop {
  /// Has `work` done on a thread of its own and its result brought to `completion` on the loop's, so that the loop goes on
  /// meanwhile; where no thread can be had, at once. The caller bounds how many there are at a time.
  public func offload<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result, completion: @escaping (Result) -> Void
  ) {
    let finish = LoopConfined(completion)
    do throws(SystemError) {
      try WorkerThread.start(name: "offload") { [self] in
        let result = work()
        post { finish.value(result) }
      }
    } catch {
      completion(work())
    }
  }
}
