"""Text to unit vectors: the bundled model, any sentence-transformers model, the vector cache."""

from embeddings.bundled import BundledEncoder
from embeddings.cache import VectorCache
from embeddings.centring import centred
from embeddings.encoder import BUNDLED, Encoder, FloatMatrix, Progress, load_encoder
from embeddings.errors import EmbeddingsError, ExtraMissing, ModelNotFound
from embeddings.reranker import CrossEncoderReranker, Reranker
from embeddings.sentence import SentenceTransformerEncoder, as_sentence_transformer

__all__ = [
    "BUNDLED",
    "BundledEncoder",
    "CrossEncoderReranker",
    "EmbeddingsError",
    "Encoder",
    "ExtraMissing",
    "FloatMatrix",
    "ModelNotFound",
    "Progress",
    "Reranker",
    "SentenceTransformerEncoder",
    "VectorCache",
    "as_sentence_transformer",
    "centred",
    "load_encoder",
]
