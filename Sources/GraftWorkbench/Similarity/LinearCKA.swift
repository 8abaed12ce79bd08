import GraftMatrices

/// Linear centred kernel alignment, how alike two networks see the same images: ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F) of feature
/// matrices with centred columns.
///
/// Kornblith, Norouzi, Lee and Hinton, "Similarity of Neural Network Representations Revisited", ICML 2019, §3: the
/// linear kernel in the normalised HSIC (eq. 4). From 0 to 1; 1 if one is a rotation of the other, scaled and shifted.
/// It is that paper's estimate, which fewer images than units push towards 1 whatever the networks see: compare values
/// of equally many images only.
package enum LinearCKA {
  /// The linear CKA of two feature matrices, from 0 to 1.
  ///
  /// - Parameters:
  ///   - x: One network's features of each image: [images × units].
  ///   - y: Another's features of the same images: [images × units], of any number of units.
  /// - Returns: Nil if one of the two is the same for all images, or no finite numbers.
  package static func value(_ x: Matrix, _ y: Matrix) -> Double? {
    CenteredFeatures(x).similarity(to: CenteredFeatures(y))
  }
}
