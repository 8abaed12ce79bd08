// One import for everything that loads, trains, transfers and classifies. GraftFiles has the errors.
@_exported import GraftData
@_exported import GraftFiles
@_exported import GraftMatrices
@_exported import GraftNetworks
@_exported import GraftStatistics
@_exported import GraftTraining
