/// An instruction of Python's pickle machine, one byte in the file (CPython, Lib/pickletools.py).
///
/// The list is what `torch.save` writes for dictionaries of tensors and plain values, in protocols 2 to 5. Instructions that
/// only other programs need, such as those that make instances of classes by other ways, are not in it and are refused.
enum PickleOpcode: UInt8 {
  // MARK: The file

  /// The protocol's number, one byte.
  case proto = 0x80
  /// The length of the bytes that follow together, eight bytes.
  case frame = 0x95
  /// The end: the value on the stack is the result.
  case stop = 0x2e

  // MARK: Plain values

  case none = 0x4e
  case newTrue = 0x88
  case newFalse = 0x89
  /// A signed number in four bytes.
  case binInt = 0x4a
  /// An unsigned number in one byte.
  case binInt1 = 0x4b
  /// An unsigned number in two bytes.
  case binInt2 = 0x4d
  /// A signed number of up to 255 bytes, their count before them.
  case long1 = 0x8a
  /// A number in double precision, the highest byte first.
  case binFloat = 0x47
  /// Text in UTF-8 after a length of four bytes.
  case binUnicode = 0x58
  /// Text in UTF-8 after a length of one byte.
  case shortBinUnicode = 0x8c
  /// A string of Python 2 after a signed length of four bytes.
  case binString = 0x54
  /// A string of Python 2 after a length of one byte.
  case shortBinString = 0x55

  // MARK: Containers

  case mark = 0x28
  case emptyTuple = 0x29
  case emptyList = 0x5d
  case emptyDict = 0x7d
  /// A tuple of the values above the last mark.
  case tuple = 0x74
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case append = 0x61
  case appends = 0x65
  case setItem = 0x73
  case setItems = 0x75

  // MARK: The memo

  case binPut = 0x71
  case longBinPut = 0x72
  /// Puts the topmost value under the next free number.
  case memoize = 0x94
  case binGet = 0x68
  case longBinGet = 0x6a

  // MARK: Names and calls

  /// A module and a name in it, as two lines of text.
  case global = 0x63
  /// A module and a name in it, taken from the stack.
  case stackGlobal = 0x93
  /// A call of a function with a tuple of arguments.
  case reduce = 0x52
  /// A new instance of a class, with a tuple of arguments.
  case newObj = 0x81
  /// A state that is given to the object below it.
  case build = 0x62
  /// A reference to something outside the pickle: here always a storage.
  case binPersID = 0x51
}
