import GraftMatrices
import NumericChecks
import Testing

@testable import GraftData

private let allEffects =
  "shift, rotate, scale, shear, elastic, sigma, thickness, erase, flip, crop, brightness, contrast, saturation, hue"

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
      ("flip=0.5", Augmentation(flip: 0.5)), ("crop=0.08-1", Augmentation(crop: 0.08...1)),
      (
        "shift=4,flip=1,crop=0.25-0.25,brightness=0.4,contrast=0.3,saturation=2,hue=0.1",
        Augmentation(
          shift: 4, flip: 1, crop: 0.25...0.25, brightness: 0.4, contrast: 0.3, saturation: 2, hue: 0.1)
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

  @Test("the augmentations of photographs have names, which may be changed too")
  func photographs() throws {
    #expect(try Augmentation(parsing: "photo") == .photo)
    #expect(Augmentation.photo.description == "flip=0.5,crop=0.35-1,brightness=0.2,contrast=0.2,saturation=0.2")
    #expect(try Augmentation(parsing: "small").description == "shift=4,flip=0.5")
    #expect(
      try Augmentation(parsing: "photo,crop=1-1,saturation=0,hue=0.1").description
        == "flip=0.5,brightness=0.2,contrast=0.2,hue=0.1")
    #expect(try Augmentation(parsing: "flip=0,crop=1-1,brightness=0,contrast=0,saturation=0,hue=-0").isNone)
  }

  @Test("ranges in pixels follow the size of the images, and stay for 28 x 28")
  func fitted() throws {
    let odd = Augmentation(shift: 1.3, rotation: 7, elastic: 0.7, sigma: 5.1, erasing: 3)
    for shape in [ImageShape.mnist, ImageShape(channels: 3, height: 40, width: 28)] {
      #expect(odd.fitted(to: shape) == odd)
      #expect(Augmentation.standard.fitted(to: shape) == .standard)
    }
    let all = Augmentation(shift: 2, rotation: 15, elastic: 4, thickness: 0.25, erasing: 7, flip: 0.5, hue: 0.1)
    func text(_ height: Int, _ width: Int) -> String {
      all.fitted(to: ImageShape(height: height, width: width)).description
    }
    #expect(text(8, 8) == "shift=0.5,rotate=15,thickness=0.25,erase=2,flip=0.5,hue=0.1")
    #expect(text(32, 90) == "shift=2.25,rotate=15,elastic=4.5,sigma=4.5,thickness=0.25,erase=8,flip=0.5,hue=0.1")
    #expect(text(224, 224) == "shift=16,rotate=15,elastic=32,sigma=32,thickness=0.25,erase=56,flip=0.5,hue=0.1")
    #expect(text(1, 1) == "rotate=15,thickness=0.25,flip=0.5,hue=0.1")
    #expect(text(4096, 4096).contains("elastic=50,sigma=100"))
    // Only the name follows the size. What the text tells stays.
    let shape = ImageShape(height: 56, width: 56)
    #expect(try Augmentation(parsing: "standard,shift=3", for: shape).shift == 3)
    #expect(try Augmentation(parsing: "standard,shift=3", for: shape).elastic == 8)
    #expect(try Augmentation(parsing: "small", for: shape) == .small)
  }

  @Test("what images cannot have is refused in one line")
  func checked() throws {
    let (grey, color) = (ImageShape.mnist, ImageShape(channels: 3, height: 32, width: 40))
    let fine = [
      (Augmentation.standard, grey), (.standard, color), (.photo, color), (.small, color), (.none, grey),
      (Augmentation(shift: 28, erasing: 28, flip: 0.5, crop: 0.5...1, brightness: 0.2, contrast: 0.2), grey),
    ]
    for (augmentation, shape) in fine { try augmentation.check(on: shape) }
    let refused = [
      (
        Augmentation(saturation: 0.2), grey,
        "'saturation=0.2': saturation changes colours, and these images have 1 channel instead of three"
      ),
      (
        Augmentation(hue: 0.2), ImageShape(channels: 4, height: 8, width: 8),
        "'hue=0.2': hue changes colours, and these images have 4 channels instead of three"
      ),
      (
        Augmentation(shift: 28.5), grey,
        "'shift=28.5': shift reaches further than the images, which are 28 x 28; at most 28 is possible"
      ),
      (
        Augmentation(erasing: 33), color,
        "'erase=33': erase reaches further than the images, which are 32 x 40 in 3 channels; at most 32 is "
          + "possible"
      ),
    ]
    for (augmentation, shape, problem) in refused {
      #expect(errorText { try augmentation.check(on: shape) } == "augmentation \(problem)")
    }
  }

  @Test("there is one value without an elastic field, whatever its smoothness")
  func sigmaAlone() {
    #expect(Augmentation(shift: 1, sigma: 9) == Augmentation(shift: 1))
    #expect(Augmentation(elastic: 1, sigma: 9) != Augmentation(elastic: 1))
  }

  @Test(
    "what makes no sense is refused in one line",
    arguments: [
      ("", "there is no effect ''; known are \(allEffects)"),
      ("phot", "there is no effect 'phot'; did you mean photo?"),
      ("standart", "there is no effect 'standart'; did you mean standard?"),
      ("rotat=3", "there is no effect 'rotat'; did you mean rotate?"),
      ("shift", "shift has no number (try shift=2)"),
      ("shift=2,", "there is no effect ''; known are \(allEffects)"),
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
      ("flip=2", "flip=2 is not a number from 0 to 1 (try flip=0.5)"),
      ("flip", "flip has no number (try flip=0.5)"),
      ("crop=0.5", "crop=0.5 is not a range of numbers from 0.01 to 1 (try crop=0.35-1)"),
      ("crop=0-1", "crop=0-1 is not a range of numbers from 0.01 to 1 (try crop=0.35-1)"),
      ("crop=1-0.5", "crop=1-0.5 is not a range of numbers from 0.01 to 1 (try crop=0.35-1)"),
      ("brightness=6", "brightness=6 is not a number from 0 to 5 (try brightness=0.2)"),
      ("hue=0.6", "hue=0.6 is not a number from 0 to 0.5 (try hue=0.05)"),
      ("photo,flip=1,flip=0", "flip is there twice"),
    ])
  func refused(text: String, problem: String) {
    #expect(errorText { try Augmentation(parsing: text) } == "augmentation '\(text)': \(problem)")
  }
}
