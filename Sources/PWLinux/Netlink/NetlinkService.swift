public import PWCore

/// The parts that the kernel data plane and the keeper of links share: the thread that waits for the kernel, and the
/// table of links.
public final class NetlinkService {
  let monitor: LinkMonitor
  private let worker: NetlinkWorker
  private var makesUnderWay = 0
  private var othersUnderWay = 0

  /// Starts the thread and reads the table.
  ///
  /// - Throws: when the kernel refuses a netlink socket, or the process has no descriptor or thread left.
  public init(loop: EventLoop) throws(EffectFailure) {
    do throws(NetlinkError) {
      monitor = try LinkMonitor(loop: loop)
    } catch {
      throw EffectFailure("\(error)", isTemporary: false)
    }
    do throws(SystemError) {
      worker = try NetlinkWorker(loop: loop, beforeResults: monitor.drain)
    } catch {
      throw EffectFailure("\(error)", isTemporary: false)
    }
  }

  /// Has `work` done on the worker's thread and its result brought to `completion`. The changes that it made to the
  /// machine's links are in the table by then: the kernel tells of them before it acknowledges the request.
  ///
  /// While something is made, and nothing else done, the table is kept by that alone: making is quick, deleting may take seconds.
  func submit<Result: Sendable>(
    _ priority: NetlinkWorker.Priority, _ work: @escaping @Sendable (NetlinkSockets) -> Result,
    completion: @escaping (Result) -> Void
  ) {
    count(priority, 1)
    worker.submit(priority, work) { [self] result in
      completion(result)
      count(priority, -1)
    }
  }

  private func count(_ priority: NetlinkWorker.Priority, _ difference: Int) {
    if priority == .make { makesUnderWay += difference } else { othersUnderWay += difference }
    if makesUnderWay > 0, othersUnderWay == 0 { monitor.pause() } else { monitor.resume() }
  }

  /// Ends the thread; requests that wait are dropped.
  public func stop() { worker.stop() }
}
