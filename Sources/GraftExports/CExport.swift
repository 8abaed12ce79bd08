import GraftNetworks

/// The export as one header of C99 that needs no library but the C library's `expf`: weights as constants, and a function from pixels to
/// probabilities that allocates nothing.
struct CExport: ModelFormat {
  let name = "c"
  let title = "a header of C99 without allocations"
  let product = ExportProduct.file("h")
  let wishes: Set<ExportWish> = [.logits, .quantized]

  func encode(_ model: ExportedModel) throws -> [ExportedFile] {
    [ExportedFile(CHeader(model).bytes)]
  }
}
