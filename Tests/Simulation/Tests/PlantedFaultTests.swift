import PWCore
import Testing

@testable import pwsimulate

/// Every planted fault is found: the simulation sees what it claims to see. `pwsimulate` also shows that without a fault nothing
/// is found in as many seeds.
@Suite struct PlantedFaultTests {
  @Test(arguments: CataloguedFault.all) func isFound(fault: CataloguedFault) {
    let seeds = CataloguedFault.seeds
    #expect(fault.firstViolation(in: seeds) != nil, "\(fault.name) passes \(seeds.count) seeds")
  }
}

extension CataloguedFault: CustomTestStringConvertible {
  var testDescription: String { name }
}
