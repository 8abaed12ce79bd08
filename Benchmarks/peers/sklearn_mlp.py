"""scikit-learn: MLPClassifier with the study's recipe; one partial_fit is one shuffled epoch.

    python Benchmarks/peers/sklearn_mlp.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Float32, SGD with plain momentum (nesterovs_momentum=False), batch 64, alpha 0, no early stopping; assume_finite spares a pass
over the data. Softmax regression is MLPClassifier without a hidden layer, which it accepts. Initial weights are its own.
"""
import common
import sklearn
from sklearn.neural_network import MLPClassifier

sklearn.set_config(assume_finite=True)
x, y = common.images()


def training(*hidden):
    model = MLPClassifier(hidden_layer_sizes=hidden, solver='sgd', learning_rate_init=common.learning_rate, momentum=common.momentum,
                          nesterovs_momentum=False, batch_size=common.batch_size, alpha=0, random_state=0)

    def epoch():
        model.partial_fit(x, y, classes=range(10))
        return {'note': f'loss {model.loss_:.4f}'}
    return epoch


common.serve(sklearn.__version__, {'network-epoch': training(common.hidden), 'softmax-epoch': training()})
