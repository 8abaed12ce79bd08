// One import for everything that trains, transfers and classifies.
@_exported import GraftData
@_exported import GraftMatrices
@_exported import GraftNetworks
@_exported import GraftTraining
