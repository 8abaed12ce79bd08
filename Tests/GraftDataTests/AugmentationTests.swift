import GraftData
import NumericChecks
import Testing

@Suite struct AugmentationTests {
  @Test(
    "text gives the effects, and comes back as it was",
    arguments: [
      ("none", Augmentation.none), ("shift=2", Augmentation(shift: 2)), ("rotate=12.5", Augmentation(rotation: 12.5)),
      ("scale=0.9-1.1", Augmentation(scale: 0.9...1.1)), ("scale=1.25-1.25", Augmentation(scale: 1.25...1.25)),
      ("shear=10,elastic=1.5", Augmentation(shear: 10, elastic: 1.5)), ("shift=1e-05", Augmentation(shift: 1e-5)),
      ("elastic=4,sigma=6", Augmentation(elastic: 4, sigma: 6)), ("thickness=0.3", Augmentation(thickness: 0.3)),
      (
        "shift=2,rotate=15,scale=0.9-1.1,shear=10,elastic=1.5,thickness=0.3,erase=6",
        Augmentation(
          shift: 2, rotation: 15, scale: 0.9...1.1, shear: 10, elastic: 1.5, thickness: 0.3, erasing: 6)
      ),
    ])
  func roundTrip(text: String, augmentation: Augmentation) throws {
    #expect(try Augmentation(parsing: text) == augmentation)
    #expect(augmentation.description == text)
  }

  @Test("a list may be in any order, begin with a preset and change it, and have effects that are off")
  func lists() throws {
    let standard = Augmentation.standard
    #expect(try Augmentation(parsing: "standard") == standard)
    #expect(try Augmentation(parsing: standard.description) == standard)
    #expect(standard.description == "shift=2,rotate=15,scale=0.9-1.1,shear=10,elastic=4,thickness=0.25")
    #expect(
      try Augmentation(parsing: "standard,elastic=0,erase=6").description
        == "shift=2,rotate=15,scale=0.9-1.1,shear=10,thickness=0.25,erase=6")
    #expect(try Augmentation(parsing: "erase=3,shift=1").description == "shift=1,erase=3")
    let off = try Augmentation(parsing: "shift=0,rotate=-0,scale=1,shear=0,elastic=0,thickness=0,erase=0")
    #expect(off == .none && off.isNone && !standard.isNone)
    #expect(try Augmentation(parsing: "scale=1.1") == Augmentation(scale: 1.1...1.1))
  }

  @Test("there is one value without an elastic field, whatever its smoothness")
  func sigmaAlone() {
    #expect(Augmentation(shift: 1, sigma: 9) == Augmentation(shift: 1))
    #expect(Augmentation(elastic: 1, sigma: 9) != Augmentation(elastic: 1))
  }

  @Test(
    "what makes no sense is refused in one line",
    arguments: [
      ("", "there is no effect ''; known are shift, rotate, scale, shear, elastic, sigma, thickness, erase"),
      ("standart", "there is no effect 'standart'; did you mean standard?"),
      ("rotat=3", "there is no effect 'rotat'; did you mean rotate?"),
      ("shift", "shift has no number (try shift=2)"),
      ("shift=2,", "there is no effect ''; known are shift, rotate, scale, shear, elastic, sigma, thickness, erase"),
      ("shift=", "shift= is not a number from 0 to 1000 (try shift=2)"),
      ("shift=-2", "shift=-2 is not a number from 0 to 1000 (try shift=2)"),
      ("rotate=nan", "rotate=nan is not a number from 0 to 180 (try rotate=15)"),
      ("rotate=181", "rotate=181 is not a number from 0 to 180 (try rotate=15)"),
      ("rotate=5=6", "rotate=5=6 is not a number from 0 to 180 (try rotate=15)"),
      ("scale=1.1-0.9", "scale=1.1-0.9 is not a range of numbers from 0.1 to 10 (try scale=0.9-1.1)"),
      ("scale=0-1", "scale=0-1 is not a range of numbers from 0.1 to 10 (try scale=0.9-1.1)"),
      ("scale=0.8-0.9-1", "scale=0.8-0.9-1 is not a range of numbers from 0.1 to 10 (try scale=0.9-1.1)"),
      ("scale=-", "scale=- is not a range of numbers from 0.1 to 10 (try scale=0.9-1.1)"),
      ("thickness=1.5", "thickness=1.5 is not a number from 0 to 1 (try thickness=0.25)"),
      ("erase=2.5", "erase=2.5 is not a whole number from 0 to 1000 (try erase=6)"),
      ("elastic=inf", "elastic=inf is not a number from 0 to 50 (try elastic=4)"),
      ("shift=1,shift=2", "shift is there twice"),
      ("none,shift=2", "none goes with no effect"),
      ("shift=1,sigma=5", "sigma smooths the elastic distortion, and there is none"),
    ])
  func refused(text: String, problem: String) {
    #expect(errorText { try Augmentation(parsing: text) } == "augmentation '\(text)': \(problem)")
  }
}
