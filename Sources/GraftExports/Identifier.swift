extension String {
  /// A name that C and Core ML accept, made of this text: letters, digits and underscores, with a letter first.
  var identifier: String {
    let name = String(
      unicodeScalars.map { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "_"
      })
    return name.first?.isLetter == true ? name : "model_\(name)"
  }
}
