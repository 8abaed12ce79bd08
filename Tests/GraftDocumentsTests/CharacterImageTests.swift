import GraftDocuments
import Testing

@Suite struct CharacterImageTests {
  @Test("greys are characters, brighter with more ink, two pixels each")
  func greys() {
    #expect(CharacterImage.lines([0, 255, 0, 255, 128, 0], width: 2) == [" @", "= "])
    #expect(CharacterImage.lines([0, 255, 0, 255, 128, 0], width: 2, height: 3) == [" @", "= "])
    #expect(CharacterImage.lines([0, 255, 255, 0], width: 2) == ["=="])
  }

  @Test("colours become the characters of their greys")
  func lumas() {
    // Red, green, blue and white, above themselves.
    let planes: [[UInt8]] = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]
    let image = planes.flatMap { $0 + $0 }
    #expect(CharacterImage.lines(image, width: 4, height: 2) == [":+.@"])
  }

  @Test("with colours, a half block has the colours of two pixels; equal ones are named once")
  func colors() {
    let red: [UInt8] = [1, 1, 1, 7, 7, 7]
    let green: [UInt8] = [2, 2, 2, 8, 8, 9]
    let blue: [UInt8] = [3, 3, 3, 10, 10, 10]
    let lines = CharacterImage.lines(red + green + blue, width: 3, height: 2, inColor: true)
    #expect(lines == ["\u{1B}[38;2;1;2;3;48;2;7;8;10m▀▀\u{1B}[38;2;1;2;3;48;2;7;9;10m▀\u{1B}[0m"])
    // Half of the last line has no pixels, and no colour.
    let grey = CharacterImage.lines([5, 6, 7], width: 1, inColor: true)
    #expect(grey == ["\u{1B}[38;2;5;5;5;48;2;6;6;6m▀\u{1B}[0m", "\u{1B}[38;2;7;7;7m▀\u{1B}[0m"])
  }

  @Test("images stand under their captions, in columns as wide as the wider of the two")
  func rows() {
    let image: [UInt8] = [255, 255, 255, 255]
    #expect(CharacterImage.row([("a", image), ("long", image), ("b", image)], width: 2) == "a   long  b\n@@  @@    @@")
    #expect(CharacterImage.row([("two\nlines", image)], width: 2) == "two\\u{a}lines\n@@")
    let colored = CharacterImage.row([("a", image), ("b", image)], width: 2, inColor: true)
    let cell = "\u{1B}[38;2;255;255;255;48;2;255;255;255m▀▀\u{1B}[0m"
    #expect(colored == "a   b\n\(cell)  \(cell)")
    #expect(CharacterImage.row([], width: 2) == "")
  }
}
