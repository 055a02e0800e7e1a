import Testing

@testable import PWCore

@Suite("The MTU of a path, as it is believed") struct PathMTUTests {
  @Test("A path that was probed is not doubted for silence, and another one only after several searches") func silence()
  {
    var path = PathMTU(presumed: 1_500)
    let first = path.searchWasSilent(limit: 2)
    #expect(!first && path.certainty == .told)
    let second = path.searchWasSilent(limit: 2)
    #expect(second && path.certainty == .unprobeable)
    var probed = PathMTU(presumed: 1_500)
    probed.probed()
    let isDoubted = (0..<3).contains { _ in probed.searchWasSilent(limit: 2) }
    #expect(!isDoubted && probed.certainty == .probed)
  }

  @Test("Whether pieces arrive is asked anew when the size changes") func fragments() {
    var path = PathMTU(presumed: 1_500)
    path.routesSay(1_400)
    let news = (path.fragments(arrive: false), path.fragments(arrive: false), path.routesChange(to: 1_400))
    #expect(news == (true, false, false) && path.octets == 1_400 && path.fragmentsArrive == false)
    let isChanged = path.routesChange(to: 1_380)
    #expect(isChanged && path.fragmentsArrive == nil && path.octets == 1_400)
    #expect(path.wholeOctets == 1_380, "the kernel cuts at what the routes say")
    let believed = (path.fragments(arrive: true), path.believe(1_360), path.believe(1_360))
    #expect(believed == (true, true, false) && path.fragmentsArrive == nil && path.wholeOctets == 1_360)
  }
}
