import RunStorage
import Testing

@Suite struct RunStoreTests {}
