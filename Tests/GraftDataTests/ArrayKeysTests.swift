import GraftFiles
import Testing

@testable import GraftData

@Suite("Names of arrays")
struct ArrayKeysTests {
  private func keys(_ names: String...) -> String? {
    ArrayKeys(among: names).map { keys in
      ([keys.train] + (keys.test.map { [$0] } ?? [])).map { "\($0.images)+\($0.labels)" }.joined(separator: " ")
        + (keys.testsOnValidation ? " (validation)" : "") + (keys.unusedValidation.map { " without \($0)" } ?? "")
    }
  }

  @Test("usual names are known, in any case and with any separator")
  func usual() {
    #expect(keys("x_test", "x_train", "y_train", "y_test") == "x_train+y_train x_test+y_test")
    #expect(keys("X_train", "y_train", "X_test", "y_test") == "X_train+y_train X_test+y_test")
    #expect(keys("trainX", "trainY", "testX", "testY") == "trainX+trainY testX+testY")
    #expect(keys("train_x", "train_y", "test_x", "test_y") == "train_x+train_y test_x+test_y")
    #expect(keys("training_images", "training_labels") == "training_images+training_labels")
    #expect(
      keys("train-imgs", "train-labels", "test-imgs", "test-labels") == "train-imgs+train-labels test-imgs+test-labels")
    #expect(
      keys("train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels")
        == "train_images+train_labels test_images+test_labels without val_images")
    #expect(keys("x_train", "y_train", "x_valid", "y_valid") == "x_train+y_train x_valid+y_valid (validation)")
    #expect(keys("images", "labels") == "images+labels")
    #expect(keys("X", "y") == "X+y")
    #expect(keys("data", "target", "feature_names", "target_names") == "data+target")
    #expect(keys("images", "data", "target") == "images+target")
    #expect(keys("arr_0", "arr_1") == "arr_0+arr_1")
  }

  @Test("other names are not, nor names that two arrays share, nor a test part without labels")
  func unknown() {
    #expect(keys() == nil)
    #expect(keys("a", "b") == nil)
    #expect(keys("x_train", "X_train", "y_train") == nil)
    #expect(keys("x_train", "y_train", "x_test") == nil)
    #expect(keys("x", "y", "y_test") == nil)
    #expect(keys("images") == nil)
    #expect(keys("arr_0", "arr_1", "arr_2") == nil)
    #expect(keys("latest_x", "latest_y") == nil)
  }

  @Test("keys are read from text")
  func parsing() throws {
    let short = try ArrayKeys(parsing: "images=a,labels=b")
    #expect(short == ArrayKeys(train: .init(images: "a", labels: "b")))
    let long = try ArrayKeys(parsing: "test_images=c,train_images=a,train_labels=b,test_labels=d=e")
    #expect(long == ArrayKeys(train: .init(images: "a", labels: "b"), test: .init(images: "c", labels: "d=e")))
    #expect(try ArrayKeys(parsing: "x_train=a,y_train=b") == short)
  }

  @Test(
    "text without all keys is refused",
    arguments: [
      ("", "expected images=NAME,labels=NAME and perhaps test_images=NAME,test_labels=NAME, found \"\""),
      ("images=a,labels", "found \"images=a,labels\""),
      ("images=,labels=b", "found \"images=,labels=b\""),
      ("images=a,label_names=b", "found the key \"label_names\""),
      ("images=a,val_labels=b", "found the key \"val_labels\""),
      ("images=a", "does not name the labels"),
      ("images=a,labels=b,test_labels=c", "does not name the test images"),
      ("test_images=a,test_labels=b", "does not name the images and labels for training"),
      ("images=a,train_images=b,labels=c", "the key \"train_images\" says again"),
    ])
  func wrong(_ text: String, _ expected: String) {
    let found = message { _ = try ArrayKeys(parsing: text) }
    #expect(found.contains(expected), "\(found)")
    #expect(kind { _ = try ArrayKeys(parsing: text) } == .usage)
  }
}
