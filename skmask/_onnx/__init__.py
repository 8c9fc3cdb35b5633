"""Export of fitted estimators to ONNX."""
