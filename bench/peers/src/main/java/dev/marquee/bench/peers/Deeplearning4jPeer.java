package dev.marquee.bench.peers;

import java.io.IOException;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * Deeplearning4j on ND4J's native backend, as its guides on performance have it: workspaces on, the periodic garbage
 * collection off, natives for AVX2. The script that starts it sets the threads of OpenMP and OpenBLAS.
 */
public final class Deeplearning4jPeer implements Steps.Library {
    private static final double RATE = 0.01;

    private Deeplearning4jPeer() {}

    /**
     * Serves until standard input ends.
     *
     * @param arguments none
     * @throws IOException when a pipe breaks
     */
    public static void main(String[] arguments) throws IOException {
        Steps.serve(new Deeplearning4jPeer());
    }

    @Override
    public String name() {
        return "Deeplearning4j 1.0.0-M2.1";
    }

    @Override
    public Runnable perceptron(List<Integer> sizes, int batch, int threads) {
        Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
        Nd4j.getMemoryManager().togglePeriodicGc(false);
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd(RATE))
                .trainingWorkspaceMode(WorkspaceMode.ENABLED)
                .inferenceWorkspaceMode(WorkspaceMode.ENABLED)
                .list();
        int last = sizes.size() - 1;
        for (int i = 1; i < last; i++) {
            layers.layer(new DenseLayer.Builder()
                    .nIn(sizes.get(i - 1))
                    .nOut(sizes.get(i))
                    .activation(Activation.RELU)
                    .build());
        }
        layers.layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nIn(sizes.get(last - 1))
                .nOut(sizes.get(last))
                .activation(Activation.SOFTMAX)
                .build());
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        INDArray pictures = Nd4j.rand(DataType.FLOAT, batch, sizes.get(0));
        INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, sizes.get(last)); // [batch, classes], one of them 1
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, i % sizes.get(last), 1);
        }
        return () -> network.fit(pictures, labels);
    }
}
