public import PWCore

/// What the kernel data plane and the keeper of links share: the thread that waits for the kernel, and the table of links.
public final class NetlinkService {
  let worker: NetlinkWorker
  let monitor: LinkMonitor

  /// Starts the thread and reads the table.
  ///
  /// - Throws: when the kernel refuses a netlink socket, or the process has no descriptor or thread left.
  public init(loop: EventLoop) throws(EffectFailure) {
    do throws(SystemError) {
      worker = try NetlinkWorker(loop: loop)
    } catch {
      throw EffectFailure("\(error)", isTemporary: false)
    }
    do throws(NetlinkError) {
      monitor = try LinkMonitor(loop: loop)
    } catch {
      throw EffectFailure("\(error)", isTemporary: false)
    }
  }

  /// Ends the thread; requests that wait are dropped.
  public func stop() { worker.stop() }
}
